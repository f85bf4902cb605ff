// Heat maps, live: what of the picture speaks for the class. Two methods side by side, and how each adds up to the score.
import { useSignal } from "@preact/signals";
import { sentenceCase } from "snellen/web";
import { Check } from "../components/check.tsx";
import { Choice } from "../components/choice.tsx";
import { FailureNotice } from "../components/failure-notice.tsx";
import { HeatMap } from "../components/heat-map.tsx";
import { LayerChoice } from "../components/layer-choice.tsx";
import { Looking } from "../components/looking.tsx";
import { NeedsPictures } from "../components/needs-pictures.tsx";
import { Notes } from "../components/notes.tsx";
import { Pixels } from "../components/pixels.tsx";
import { PredictionBars } from "../components/prediction-bars.tsx";
import { Slider } from "../components/slider.tsx";
import { pictures, selected } from "../state/pictures.ts";
import { model } from "../state/session.ts";
import { useLook } from "../state/use-look.ts";
import type { MapWish } from "../worker/handlers/heat-maps.ts";
import type { ModelFacts } from "../worker/model-facts.ts";

const FIRST: MapWish = { method: "extended-cam", upsampling: "gaussian", layer: "auto", target: "top1" };
const SECOND: MapWish = { method: "grad-cam", upsampling: "bilinear", layer: "auto", target: "top1" };
const OPACITY = 0.75;

export function Look() {
  const facts = model.value;
  const first = useSignal(FIRST);
  const second = useSignal(SECOND);
  const isBeside = useSignal(false);
  const target = useSignal("top1");
  const opacity = useSignal(OPACITY);
  const picture = pictures.value.list[selected.value];
  const wishes = isBeside.value ? [first.value, second.value] : [first.value];
  const look = useLook(
    facts === null || picture === undefined
      ? null
      : { image: selected.value, maps: wishes.map((wish) => ({ ...wish, target: target.value })) },
    "look",
  );
  const { looked, failure, isBusy } = look;
  if (facts === null) return null;
  if (picture === undefined) return <NeedsPictures what="to look at" />;
  return (
    <>
      <div class="controls">
        <TargetChoice facts={facts} target={target} />
        <Slider
          label="Opacity"
          value={opacity.value}
          min={0}
          max={1}
          step={0.05}
          text={`${Math.round(100 * opacity.value)} %`}
          onInput={(value) => {
            opacity.value = value;
          }}
        />
        <Check label="Beside another method" on={isBeside} />
        <Looking look={look} />
      </div>
      {facts.inspection.logits.dense !== null && (
        <Notes notes={[sentenceCase(facts.inspection.logits.dense)]} />
      )}
      {facts.inspection.preprocessing.assumed && (
        <p class="notice attention">
          How pixels are prepared is a guess: nothing beside the model says it. Where classes look wrong,{" "}
          <a href="#inspect">correct it under Inspect</a>.
        </p>
      )}
      {failure !== null && <FailureNotice failure={failure} />}
      <div class="looking" aria-busy={isBusy}>
        <div>
          <h2>What the network gets</h2>
          {looked === null ? (
            isBusy && <p class="soft">Looking…</p>
          ) : (
            <>
              <Pixels picture={looked.view} label={picture.source} />
              <PredictionBars top={looked.top} label={picture.label.classIndex} />
            </>
          )}
        </div>
        {wishes.map((wish, i) => (
          <div key={i === 0 ? "first" : "second"}>
            <h2>{methodOf(facts, looked?.maps[i]?.method ?? wish.method)?.title}</h2>
            {looked?.maps[i] !== undefined && (
              <HeatMap view={looked.view} map={looked.maps[i]} opacity={opacity.value} />
            )}
            <MethodChoices
              facts={facts}
              wish={wish}
              onChange={(changed) => {
                if (i === 0) first.value = changed;
                else second.value = changed;
              }}
            />
            <p class="soft">{methodOf(facts, wish.method)?.summary}</p>
          </div>
        ))}
      </div>
    </>
  );
}

const methodOf = ({ methods }: ModelFacts, method: string) => methods.find(({ id }) => id === method);

/** Classes beyond this are typed, not listed: a page chokes on a list of thousands. */
const MOST_LISTED = 2000;

function TargetChoice({ facts, target }: { readonly facts: ModelFacts; readonly target: { value: string } }) {
  const names = facts.inspection.labels.names ?? [];
  return (
    <label class="field">
      <span>Class to explain</span>
      <input
        type="text"
        list="classes"
        value={target.value === "top1" ? "" : target.value}
        placeholder="the likeliest"
        title="A class, its number, or “this vs that”"
        onChange={(event) => {
          target.value = event.currentTarget.value.trim() || "top1";
        }}
      />
      <datalist id="classes">
        {names.slice(0, MOST_LISTED).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}

interface MethodChoicesProps {
  readonly facts: ModelFacts;
  readonly wish: MapWish;
  readonly onChange: (wish: MapWish) => void;
}

function MethodChoices({ facts, wish, onChange }: MethodChoicesProps) {
  const { methods, menus, inspection } = facts;
  return (
    <div class="controls">
      <Choice
        label="Method"
        value={wish.method}
        options={methods.map(({ id, title, isQuick, whyNot }) => ({
          value: id,
          text: `${title}${isQuick ? "" : " (slow)"}`,
          isDisabled: whyNot !== null,
          ...(whyNot === null ? {} : { title: whyNot }),
        }))}
        onChange={(method) => onChange({ ...wish, method })}
      />
      <LayerChoice
        inspection={inspection}
        value={wish.layer}
        onChange={(layer) => onChange({ ...wish, layer })}
      />
      <Choice
        label="Upsampling"
        value={wish.upsampling}
        options={menus.upsamplings.map(({ id, summary }) => ({ value: id, text: id, title: summary }))}
        onChange={(upsampling) => onChange({ ...wish, upsampling })}
      />
    </div>
  );
}
