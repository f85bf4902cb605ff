// What is advised for normalizations before they are trained again: numbers of groups, and which scales to regularize.
import { useSignal } from "@preact/signals";
import { DataTable, LinePlot } from "snellen/report";
import { adviceEffect, type GammaPlan, type GroupAdvice, isometryPlot, ratioPlot } from "snellen/web";
import { Check } from "../components/check.tsx";
import { Notes } from "../components/notes.tsx";
import { Snippet } from "../components/snippet.tsx";
import { TaskBar } from "../components/task-bar.tsx";
import { model } from "../state/session.ts";
import { useTask } from "../state/use-task.ts";

export function Norms() {
  if (model.value === null) return null;
  return (
    <>
      <Groups />
      <Gammas />
    </>
  );
}

function Groups() {
  const facts = model.value;
  const convertBatchNorm = useSignal(false);
  const task = useTask("groups");
  const { result } = task;
  return (
    <section>
      <h2>Numbers of groups</h2>
      <p class="soft">
        Group normalization keeps the gradient's length where it has the right number of groups for the layer
        behind it. Every possible number is measured on the network's own graph; a gain of 1 is ideal.
      </p>
      <TaskBar
        label="Measure groups"
        task={task}
        progress={task.progress}
        onRun={() => void task.run({ convertBatchNorm: convertBatchNorm.value })}
      >
        <Check label="Batch normalizations too, were they group normalizations" on={convertBatchNorm} />
      </TaskBar>
      {facts?.grouped === 0 && !convertBatchNorm.value && (
        <p class="soft">This network has no normalization with groups.</p>
      )}
      {result !== null && <GroupsFound advice={result.advice} snippet={result.snippet} />}
    </section>
  );
}

function GroupsFound({ advice, snippet }: { readonly advice: GroupAdvice; readonly snippet: string }) {
  if (advice.layers.length === 0) return <p>Nothing to advise. {advice.notes.join(" ")}</p>;
  return (
    <>
      <p>{adviceEffect(advice).text}</p>
      <DataTable
        table={{
          kind: "table",
          caption: `Gradient gain by ${advice.convention}; 1 is ideal`,
          columns: [
            { title: "layer" },
            { title: "kind" },
            { title: "channels" },
            { title: "groups" },
            { title: "gain now", digits: 3 },
            { title: "ideal by formula" },
            { title: "ideal as measured" },
            { title: "gain then", digits: 3 },
          ],
          rows: advice.layers.map(({ node, module, kind, channels, groups, gainNow, ideal, gainThen }) => [
            module ?? node,
            kind,
            channels,
            groups,
            gainNow,
            ideal.closedForm,
            ideal.measured,
            gainThen,
          ]),
        }}
      />
      <LinePlot plot={isometryPlot(advice)} />
      <Notes notes={advice.notes} />
      <Snippet title="The same in PyTorch" text={snippet} fileName="groups.py" />
    </>
  );
}

function Gammas() {
  const task = useTask("gammas");
  const { result } = task;
  return (
    <section>
      <h2>Which scales to regularize</h2>
      <p class="soft">
        Weight decay on a normalization's scale γ helps in some places and harms in others. The graph says
        where each stands; doubling it on some pictures checks the rule.
      </p>
      <TaskBar label="Plan the decay" task={task} progress={task.progress} onRun={() => void task.run({})} />
      {result !== null && <GammasFound plan={result.plan} images={result.images} snippet={result.snippet} />}
    </section>
  );
}

interface GammasFoundProps {
  readonly plan: GammaPlan;
  readonly images: number;
  readonly snippet: string | null;
}

function GammasFound({ plan: { gammas, blocks, notes }, images, snippet }: GammasFoundProps) {
  const ratios = ratioPlot(blocks);
  if (gammas.length === 0) return <p>Nothing to plan. {notes.join(" ")}</p>;
  return (
    <>
      <p>
        Weight decay for {gammas.filter(({ decay }) => decay).length} of {gammas.length} γ,{" "}
        {images === 0
          ? "by rules alone: drop pictures to have them checked"
          : `measured on ${images} pictures`}
        .
      </p>
      <DataTable
        table={{
          kind: "table",
          caption: "Each γ with its category, and what doubling it does to the scores",
          columns: [
            { title: "parameter" },
            { title: "category" },
            { title: "decay" },
            { title: "scores move", unit: "%", digits: 2 },
            { title: "why" },
          ],
          rows: gammas.map(({ parameter, category, decay, evidence, reason }) => [
            parameter,
            category,
            decay ? "yes" : "no",
            typeof evidence?.scaleChange === "number" ? 100 * evidence.scaleChange : null,
            reason,
          ]),
        }}
      />
      {ratios !== undefined && <LinePlot plot={ratios} />}
      <Notes notes={notes} />
      {snippet !== null && (
        <Snippet title="Parameter groups for PyTorch" text={snippet} fileName="gammas.py" />
      )}
    </>
  );
}
