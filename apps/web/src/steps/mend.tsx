// Repairs: what each changes, what was measured before and after, and the mended model to save or to go on with.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { DataTable } from "snellen/report";
import type {
  GroupsFacts,
  KernelPaddingFacts,
  Paired,
  PreLayerNormFacts,
  PreLayerNormMode,
} from "snellen/web";
import { Check } from "../components/check.tsx";
import { Choice } from "../components/choice.tsx";
import { Notes } from "../components/notes.tsx";
import { PictureCount } from "../components/picture-count.tsx";
import { SaveButton, save, saveJson } from "../components/save.tsx";
import { Snippet } from "../components/snippet.tsx";
import { TaskBar } from "../components/task-bar.tsx";
import { pictures } from "../state/pictures.ts";
import { model, openModel } from "../state/session.ts";
import { goTo } from "../state/steps.ts";
import { type Task, useTask } from "../state/use-task.ts";
import type { StepProgress } from "../worker/handler.ts";
import type { Mended } from "../worker/handlers/mend.ts";

export function Mend() {
  if (model.value === null) return null;
  return (
    <>
      <KernelPadding />
      <PreLayerNorm />
      <Groups />
    </>
  );
}

type Repair = "mendKernelPadding" | "mendPatchEmbedding" | "mendGroupNumbers";

interface RepairCardProps<M extends Repair, Facts> {
  readonly title: string;
  readonly text: string;
  /** What the button says. */
  readonly action: string;
  readonly task: Task<M>;
  readonly onRun: () => void;
  readonly found: Mended<Facts> | null;
  readonly choices?: ComponentChildren;
  readonly facts: (report: Facts) => ComponentChildren;
  readonly nothing: (report: Facts) => string;
}

/** What is alike of all repairs. */
function RepairCard<M extends Repair, Facts extends { readonly notes: readonly string[] }>(
  props: RepairCardProps<M, Facts>,
) {
  const { title, text, action, task, onRun, found, choices, facts, nothing } = props;
  return (
    <section>
      <h2>{title}</h2>
      <p class="soft">{text}</p>
      <TaskBar label={action} task={task} progress={task.progress as StepProgress | null} onRun={onRun}>
        {choices}
      </TaskBar>
      {found !== null &&
        (found.mended === null ? (
          <p>{nothing(found.report)}</p>
        ) : (
          <>
            {facts(found.report)}
            <Notes notes={found.report.notes} />
            <Results mended={found.mended} report={found.report} />
          </>
        ))}
    </section>
  );
}

function Results({
  mended: { file, snippet },
  report,
}: {
  readonly mended: NonNullable<Mended<unknown>["mended"]>;
  readonly report: unknown;
}) {
  const stem = file.name.replace(/\.onnx$/, "");
  const goOn = async (): Promise<void> => {
    await openModel([file]);
    goTo("look");
  };
  return (
    <>
      <div class="controls">
        <SaveButton label={`Save ${file.name}`} onSave={() => save(file, file.name)} />
        <SaveButton label="Save the report (JSON)" onSave={() => saveJson(report, `${stem}.json`)} />
        <SaveButton label="Open the mended model here" onSave={goOn} />
      </div>
      <Snippet title="The same change in PyTorch" text={snippet} fileName={`${stem}.py`} />
    </>
  );
}

function KernelPadding() {
  const task = useTask("mendKernelPadding");
  const pooling = useSignal(false);
  return (
    <RepairCard
      title="Kernel padding"
      action="Pad the kernels"
      text="Odd kernels with even strides see some pixels more often than others. Zeros make them even: the outputs stay what they are, and fine-tuning can use the new weights (arXiv:2108.13576)."
      task={task}
      found={task.result}
      onRun={() => void task.run({ pooling: pooling.value })}
      choices={<Check label="Pooling windows too, which changes the outputs" on={pooling} />}
      nothing={() => "No convolution with an odd kernel and an even stride: there is nothing to mend."}
      facts={kernelFacts}
    />
  );
}

const kernelFacts = ({ changes, left, check }: KernelPaddingFacts) => (
  <>
    <DataTable
      table={{
        kind: "table",
        caption: "Kernels before and after",
        columns: [
          { title: "node" },
          { title: "weight" },
          { title: "before" },
          { title: "after" },
          { title: "stride" },
        ],
        rows: changes.map(({ node, operator, weight, kernel, strides }) => [
          node,
          weight ?? operator,
          kernel.before.join(" × "),
          kernel.after.join(" × "),
          strides.join(" × "),
        ]),
      }}
    />
    {check !== null && (
      <p>
        Outputs before and after differ by at most {check.maxRelativeDifference.toExponential(1)} of the
        largest, on {check.images} {check.input === "noise" ? "runs of seeded noise" : "pictures"}.
      </p>
    )}
    {left.length > 0 && (
      <p class="soft">
        Left as they are:{" "}
        {[...new Set(left.map(({ operator, node, reason }) => `${operator} ${node} (${reason})`))].join("; ")}
        .
      </p>
    )}
  </>
);

/** Each is shown under some sixty corruptions, to both models. */
const PICTURES = 16;

function PreLayerNorm() {
  const task = useTask("mendPatchEmbedding");
  const mode = useSignal<PreLayerNormMode>("after-projection");
  const n = useSignal(PICTURES);
  return (
    <RepairCard
      title="PreLayerNorm"
      action="Normalize the patches"
      text="A vision transformer adds positions to patches whose length follows the picture's contrast. A layer normalization between them takes the scale out; it is calibrated on your pictures (arXiv:2111.08413)."
      task={task}
      found={task.result}
      onRun={() => void task.run({ mode: mode.value, n: n.value })}
      choices={
        <>
          <Choice
            label="Where"
            value={mode.value}
            options={(model.value?.menus.preLayerNormModes ?? []).map((value) => ({
              value,
              text: value.replaceAll("-", " "),
            }))}
            onChange={(value) => {
              mode.value = value;
            }}
          />
          {pictures.value.list.length > 1 && <PictureCount n={n} />}
        </>
      }
      nothing={({ notes }) => notes.join(" ")}
      facts={preLayerNormFacts}
    />
  );
}

function preLayerNormFacts({ effect, verdict }: PreLayerNormFacts) {
  if (effect === null || verdict === null) return null;
  const row = (name: string, { before, after, difference }: Paired): (string | number | null)[] => [
    name,
    percent(before.value),
    percent(after.value),
    percent(difference.value),
    percent(difference.low),
    percent(difference.high),
  ];
  return (
    <>
      <p>{verdict.text}</p>
      <DataTable
        table={{
          kind: "table",
          caption: `${effect.of === "accuracy" ? "Accuracy" : "Agreement with the clean predictions"} before and after, mean over severities, with the 95 % interval of the difference`,
          columns: [
            { title: "pictures" },
            ...["before", "after", "difference", "low", "high"].map((title) => ({
              title,
              unit: "%",
              digits: 1,
            })),
          ],
          rows: [
            row("clean", effect.clean),
            ...effect.corruptions.map(({ corruption, ...paired }) =>
              row(corruption.replaceAll("_", " "), paired),
            ),
            row("contrast enhancement and colour scale, mean", effect.colourScale),
          ],
        }}
      />
    </>
  );
}

const percent = (share: number | null): number | null => (share === null ? null : 100 * share);

function Groups() {
  const task = useTask("mendGroupNumbers");
  const convertBatchNorm = useSignal(false);
  return (
    <RepairCard
      title="Groups"
      action="Set the groups"
      text="Gives each group normalization the number of groups whose gradient gain is nearest to 1 (arXiv:2302.03193). The network computes something else then, and has to be trained."
      task={task}
      found={task.result}
      onRun={() => void task.run({ convertBatchNorm: convertBatchNorm.value })}
      choices={<Check label="Turn batch normalizations into group normalizations" on={convertBatchNorm} />}
      nothing={({ notes }) => notes.join(" ")}
      facts={groupsFacts}
    />
  );
}

const groupsFacts = ({ changes, convention, outputDifference }: GroupsFacts) => (
  <>
    <DataTable
      table={{
        kind: "table",
        caption: `Groups and gradient gain (by ${convention}) before and after`,
        columns: [
          { title: "layer" },
          { title: "channels" },
          { title: "groups before" },
          { title: "groups after" },
          { title: "gain before", digits: 3 },
          { title: "gain after", digits: 3 },
        ],
        rows: changes.map(({ node, module, channels, groups, gain }) => [
          module ?? node,
          channels,
          groups.before,
          groups.after,
          gain.before,
          gain.after,
        ]),
      }}
    />
    {outputDifference !== null && (
      <p>Outputs change by up to {outputDifference.toPrecision(2)} of the largest.</p>
    )}
  </>
);
