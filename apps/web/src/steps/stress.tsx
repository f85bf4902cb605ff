// What breaks the network: one picture under a corruption that a slider makes stronger, and accuracy over all pictures.
import { useSignal } from "@preact/signals";
import { RobustnessReport } from "snellen/report";
import type { Severity } from "snellen/web";
import { Choice } from "../components/choice.tsx";
import { FailureNotice } from "../components/failure-notice.tsx";
import { HeatMap } from "../components/heat-map.tsx";
import { Looking } from "../components/looking.tsx";
import { NeedsPictures } from "../components/needs-pictures.tsx";
import { PictureCount } from "../components/picture-count.tsx";
import { Pixels } from "../components/pixels.tsx";
import { PredictionBars } from "../components/prediction-bars.tsx";
import { SaveButton, saveJson } from "../components/save.tsx";
import { Slider } from "../components/slider.tsx";
import { TaskBar } from "../components/task-bar.tsx";
import { pictures, selected } from "../state/pictures.ts";
import { model } from "../state/session.ts";
import { useLook } from "../state/use-look.ts";
import { useTask } from "../state/use-task.ts";
import type { ModelFacts } from "../worker/model-facts.ts";

const MAP = { method: "extended-cam", upsampling: "gaussian", layer: "auto", target: "top1" } as const;
const OPACITY = 0.75;
const SEED = 0;

export function Stress() {
  const facts = model.value;
  if (facts === null) return null;
  if (pictures.value.list.length === 0) return <NeedsPictures what="to corrupt" />;
  return (
    <>
      <OnePicture facts={facts} />
      <AllPictures facts={facts} />
    </>
  );
}

function OnePicture({ facts }: { readonly facts: ModelFacts }) {
  const id = useSignal("contrast_enhancement");
  const severity = useSignal(3);
  const picture = pictures.value.list[selected.value];
  const maps = facts.inspection.defaultLayer === null ? [] : [MAP];
  const clean = useLook(picture === undefined ? null : { image: selected.value, maps }, "stress");
  const strength = severity.value as Severity | 0;
  const altered = useLook(
    picture === undefined || strength === 0
      ? null
      : { image: selected.value, maps, corruption: { id: id.value, severity: strength, seed: SEED } },
    "stress",
  );
  const chosen = facts.menus.corruptions.find((c) => c.id === id.value);
  const shown = strength === 0 ? clean : altered;
  return (
    <section>
      <h2>One picture</h2>
      <div class="controls">
        <Choice
          label="Corruption"
          value={id.value}
          options={facts.menus.corruptions.map(({ id: own, family }) => ({
            value: own,
            text: `${own.replaceAll("_", " ")} (${family})`,
          }))}
          onChange={(value) => {
            id.value = value;
          }}
        />
        <Slider
          label="Severity"
          value={severity.value}
          min={0}
          max={5}
          step={1}
          text={severity.value === 0 ? "none" : `${severity.value} of 5`}
          onInput={(value) => {
            severity.value = value;
          }}
        />
        <Looking look={shown.isBusy ? shown : clean} />
      </div>
      <p class="soft">{chosen?.summary}</p>
      {shown.failure !== null && <FailureNotice failure={shown.failure} />}
      <div class="looking" aria-busy={shown.isBusy}>
        {[
          { title: "As it is", look: clean },
          { title: strength === 0 ? "Not corrupted" : `Under ${id.value.replaceAll("_", " ")}`, look: shown },
        ].map(({ title, look: { looked } }, i) => (
          <div key={i === 0 ? "clean" : "altered"}>
            <h3>{title}</h3>
            {looked !== null && (
              <>
                <Pixels picture={looked.view} label={`${title}: ${picture?.source}`} />
                <PredictionBars top={looked.top} label={picture?.label.classIndex} />
                {looked.maps[0] !== undefined && (
                  <HeatMap view={looked.view} map={looked.maps[0]} opacity={OPACITY} />
                )}
              </>
            )}
          </div>
        ))}
      </div>
    </section>
  );
}

const SEVERITIES: Readonly<Record<string, readonly Severity[]>> = {
  "1 to 5": [1, 2, 3, 4, 5],
  "3 and 5": [3, 5],
  "3": [3],
};
const MOST = 50;

function AllPictures({ facts }: { readonly facts: ModelFacts }) {
  const set = useSignal("common");
  const severities = useSignal("3 and 5");
  const n = useSignal(MOST);
  const task = useTask("robustness");
  const { result } = task;
  return (
    <section>
      <h2>All pictures</h2>
      <TaskBar
        label="Run"
        task={task}
        progress={task.progress}
        onRun={() =>
          void task.run({
            corruptions: [set.value],
            severities: SEVERITIES[severities.value] as readonly Severity[],
            n: n.value,
            seed: SEED,
          })
        }
      >
        <Choice
          label="Corruptions"
          value={set.value}
          options={[
            ...facts.menus.corruptionSets.map(({ id, members }) => ({
              value: id,
              text: `${id} (${members})`,
            })),
            ...facts.menus.corruptions.map(({ id }) => ({ value: id, text: id.replaceAll("_", " ") })),
          ]}
          onChange={(value) => {
            set.value = value;
          }}
        />
        <Choice
          label="Severities"
          value={severities.value}
          options={Object.keys(SEVERITIES).map((value) => ({ value, text: value }))}
          onChange={(value) => {
            severities.value = value;
          }}
        />
        <PictureCount n={n} />
      </TaskBar>
      {result !== null && (
        <>
          <SaveButton label="Save robustness.json" onSave={() => saveJson(result, "robustness.json")} />
          <RobustnessReport result={result} />
        </>
      )}
    </section>
  );
}
