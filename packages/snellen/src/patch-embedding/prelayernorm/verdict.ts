// Whether PreLayerNorm has mended a model: clean predictions must stay, and those under stronger colours must become better. The
// thresholds are derived here.
import { fixedNumber } from "../../report/number.ts";
import type { Estimate } from "../../robustness/figures/estimates.ts";
import { type PreLayerNormEffect, SCALE_CORRUPTIONS } from "./effect.ts";

/**
 * `mended`: clean predictions stay and those under stronger colours are better; `needs-fine-tuning`: calibration alone costs clean
 * predictions; `no-gain`: it costs none, and nothing shows that it helps; `unknown`: no picture could be measured.
 */
export type PreLayerNormVerdict = "mended" | "needs-fine-tuning" | "no-gain" | "unknown";

/** Whether PreLayerNorm mended a model, by which tolerance, and why. */
export interface JudgedPreLayerNorm {
  readonly verdict: PreLayerNormVerdict;
  /** Share of clean predictions that may be lost. */
  readonly tolerance: number;
  /** In a sentence, for people. */
  readonly text: string;
}

/** Loss of clean accuracy, or agreement, up to which a model counts as mended: one point in a hundred. */
const CLEAN_TOLERANCE = 0.01;

/** By the loss as measured, however wide its interval, and by a gain whose interval lies above zero. */
export function judgePreLayerNorm(
  effect: PreLayerNormEffect,
  tolerance = CLEAN_TOLERANCE,
): JudgedPreLayerNorm {
  const { of, clean, colourScale } = effect;
  const { value: change } = clean.difference;
  if (change === null) return { verdict: "unknown", tolerance, text: UNMEASURED };
  const scale = `Under contrast enhancement and stronger colours ${of} goes from ${share(colourScale.before)} to ${share(colourScale.after)}${interval(colourScale.difference)}.`;
  const loss = -change;
  if (loss > tolerance + 1e-9) {
    const text = `Calibration alone costs ${points(loss)} points of clean ${of} (${share(clean.before)} to ${share(clean.after)}): the model is not mended, training must follow. ${scale}`;
    return { verdict: "needs-fine-tuning", tolerance, text };
  }
  const kept = keptText(effect);
  const isBetter = (colourScale.difference.low ?? Number.NEGATIVE_INFINITY) > 0;
  return isBetter
    ? { verdict: "mended", tolerance, text: `${kept} ${scale}` }
    : {
        verdict: "no-gain",
        tolerance,
        text: `${kept} ${scale} Nothing shows a gain there.${othersText(effect)}`,
      };
}

function keptText({ of, clean: { before, after, difference } }: PreLayerNormEffect): string {
  const { value, low, high, n } = difference;
  return value === 0 && low !== null && high !== null
    ? `Clean ${of} stays at ${share(after)}; by chance ${n} pictures may hide a difference of ${points(low)} to ${points(high)} points (95 % interval).`
    : `Clean ${of} goes from ${share(before)} to ${share(after)}${interval(difference)}.`;
}

/** Other changes of colours that predictions surely stand better or worse, of which one in twenty seems so by chance. */
function othersText({ corruptions }: PreLayerNormEffect): string {
  const others = corruptions.filter(({ corruption }) => !SCALE_CORRUPTIONS.includes(corruption));
  const sure = others.flatMap(({ corruption, difference: { value, low, high } }) =>
    value !== null && low !== null && high !== null && (low > 0 || high < 0)
      ? [
          `${corruption.replaceAll("_", " ")} (${value > 0 ? "+" : ""}${points(value)} points, ${points(low)} to ${points(high)})`,
        ]
      : [],
  );
  return sure.length === 0
    ? ""
    : ` Of ${others.length} other changes of the pictures, it is not the same under ${sure.join(", ")}; one interval in twenty misses by chance.`;
}

const UNMEASURED =
  "None of the images could be corrupted and shown to both models, so that what calibration changes is unknown: give pictures, not tensors, that are large enough to be corrupted.";

const points = (value: number): string => fixedNumber(100 * value, 1).replace("-", "−");

const share = ({ value }: Estimate): string => (value === null ? "unknown" : `${points(value)} %`);

const interval = ({ low, high }: Estimate): string =>
  low === null || high === null
    ? ""
    : `, a difference of ${points(low)} to ${points(high)} points (95 % interval)`;
