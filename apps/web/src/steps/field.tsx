// How far a cell sees, and whether all pixels count alike: R accumulates while one watches.
import { useSignal } from "@preact/signals";
import { DataTable, LinePlot } from "snellen/report";
import {
  type FieldSummary,
  fieldMarks,
  offenderTable,
  paddedText,
  phaseTable,
  profilePlot,
} from "snellen/web";
import { Check } from "../components/check.tsx";
import { FieldView } from "../components/field-view.tsx";
import { LayerChoice } from "../components/layer-choice.tsx";
import { Loupe } from "../components/loupe.tsx";
import { NeedsPictures } from "../components/needs-pictures.tsx";
import { Notes } from "../components/notes.tsx";
import { PictureCount } from "../components/picture-count.tsx";
import { sentenceOf } from "../components/sentence.ts";
import { TaskBar } from "../components/task-bar.tsx";
import { pictures, selected } from "../state/pictures.ts";
import { model } from "../state/session.ts";
import { useLook } from "../state/use-look.ts";
import { useTask } from "../state/use-task.ts";
import type { FieldFound, FieldGrowth } from "../worker/handlers/field.ts";

const IMAGES = 64;

export function Field() {
  const facts = model.value;
  const layer = useSignal("auto");
  const n = useSignal(IMAGES);
  const isOver = useSignal(false);
  const task = useTask("field");
  const count = pictures.value.list.length;
  const { looked } = useLook(isOver.value && count > 0 ? { image: selected.value, maps: [] } : null, "field");
  if (facts === null) return null;
  if (count === 0) return <NeedsPictures what="to measure on" />;
  const { result, progress } = task;
  const grown = task.isRunning ? progress : null;
  const map = grown?.layer ?? result?.layer.map;
  const over = isOver.value && looked !== null ? looked.view : undefined;
  return (
    <>
      <TaskBar
        label="Measure"
        task={task}
        progress={grown && { step: growthText(grown), done: grown.n / grown.of }}
        onRun={() => void task.run({ layer: layer.value, n: n.value })}
      >
        <LayerChoice
          inspection={facts.inspection}
          value={layer.value}
          onChange={(value) => {
            layer.value = value;
          }}
        />
        <PictureCount n={n} />
        <Check label="Over the picture" on={isOver} />
      </TaskBar>
      {map === undefined ? (
        <p class="soft">
          Each picture's gradients say which pixels the middle cell of the layer listens to. Their mean, R, is
          the effective receptive field; a Gaussian fitted to it tells its size.
        </p>
      ) : (
        <div class="pair">
          <FieldView
            map={map}
            over={over}
            label="Effective receptive field"
            {...(result !== null && grown === null ? { marks: fieldMarks(result.layer.summary) } : {})}
            caption={
              grown === null
                ? `Effective receptive field (R) of ${result?.layer.summary.layer}: light pixels are those that its middle cell listens to. Ellipses: one and two standard deviations of the fitted Gaussian; dashed: the theoretical field, where it is smaller than the picture.`
                : `R after ${grown.n} of ${grown.of} pictures`
            }
          />
          {result !== null && grown === null && <Size summary={result.layer.summary} />}
        </div>
      )}
      {result !== null && grown === null && <DeadPixels found={result} />}
    </>
  );
}

const growthText = ({ n, of, relativeError }: FieldGrowth): string =>
  `${n} of ${of} pictures${relativeError === null ? "" : `, R is certain to ±${(100 * relativeError).toFixed(0)} %`}`;

function Size({ summary }: { readonly summary: FieldSummary }) {
  const { converged, sigmaX, sigmaY, r2, theoretical, input, n, notes } = summary;
  return (
    <div>
      <h2>Its size</h2>
      <p>
        {converged && sigmaX !== null && sigmaY !== null && r2 !== null
          ? `A Gaussian of σ ${sigmaX.toFixed(1)} × ${sigmaY.toFixed(1)} pixels (columns × rows) explains ${(100 * r2).toFixed(0)} % of R over ${n} pictures.`
          : `No Gaussian fits${summary.reason === null ? "." : `: ${summary.reason}.`}`}
        {theoretical !== null &&
          ` In theory the cell could see ${theoreticalText(theoretical.size)} pixels; the picture has ${input.join(" × ")}.`}
      </p>
      <Notes notes={notes.map(sentenceOf)} />
      <LinePlot plot={profilePlot(summary)} />
    </div>
  );
}

/** A side of null sees the whole picture. */
const theoreticalText = (size: readonly (number | null)[]): string =>
  size.map((side) => (side === null ? "all" : Math.round(side))).join(" × ");

function DeadPixels({ found: { score } }: { readonly found: FieldFound }) {
  const { L1Normalized, weakShare, weak, offenders, padded, phaseMaps, n } = score.summary;
  const [finest] = phaseMaps;
  return (
    <section>
      <h2>Do all pixels count alike?</h2>
      <p>
        Over {n} pictures, neighbouring pixels differ by{" "}
        {L1Normalized === null ? "an unknown share" : `${(100 * L1Normalized).toFixed(0)} %`} of the mean
        (L1); {(100 * weakShare).toFixed(1)} % of pixels are weak (below half of those around them),{" "}
        {(100 * weak.deadShare).toFixed(1)} % dead.
        {offenders.length > 0 &&
          ` ${offenders.length} ${offenders.length === 1 ? "layer reads" : "layers read"} some pixels more often than their neighbours: `}
        {offenders.length > 0 && <a href="#mend">see Mend</a>}
        {offenders.length > 0 && "."}
      </p>
      {padded.length > 0 && <p>{paddedText(padded)}</p>}
      <Loupe map={score.map} />
      {finest !== undefined && <DataTable table={phaseTable(finest)} />}
      {offenders.length > 0 && <DataTable table={offenderTable(offenders)} />}
    </section>
  );
}
