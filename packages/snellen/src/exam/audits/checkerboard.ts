// The dead pixel test: whether the score listens to neighbouring pixels alike, or to some more than to others by turns.
// Kim et al., arXiv:2108.13576, sections 4 and 5.
import type { DeadPixelSummary } from "../../receptive-field/dead-pixels/dead-pixel-summary.ts";
import type { UnevenSampling } from "../../receptive-field/dead-pixels/uneven-sampling.ts";
import type { FieldMap } from "../../receptive-field/effective/field-map.ts";
import { cornerOf, fieldPicture } from "../../receptive-field/effective/field-picture.ts";
import {
  BRIGHTNESS,
  brightness,
  offenderTable,
  PADDED_REMEDY,
  paddedText,
  phaseTable,
} from "../../report/fields.ts";
import { type Audit, defineAudit, type Verdict } from "../audit.ts";
import { FEWEST_IMAGES } from "../few-images.ts";
import { figure } from "../figure.ts";
import type { Evidence, Figure } from "../result.ts";

/**
 * Share of weak pixels that noise does not explain: in five networks of CIFAR-10 and ImageNet without a pattern or with a faint one,
 * up to 6 % were weak over 64 images, and 14 % over 16. Derived here.
 */
const MANY_WEAK = 0.1;
/** Relative standard error of R up to which weak pixels are told from noise; those networks stood at 0.26 at most. */
const KNOWN = 0.3;
/** Share of pixels without any influence that border effects do not explain (SqueezeNet never reads its last row and column: 0.9 %). */
const MANY_DEAD = 0.01;
/** Positions a side of the table of phases. */
const MOST_PHASES = 8;

export const checkerboard: Audit = defineAudit({
  id: "checkerboard",
  title: "Neighbouring pixels count alike",
  failureTitle: "Some pixels count less than their neighbours",
  inWords: {
    good: "The network looks at neighbouring pixels alike, so details are not missed for the pixel that they fall on.",
    attention:
      "The network looks at some pixels less than at their neighbours, so small details there can be missed.",
    problem:
      "The network hardly looks at some pixels between their neighbours, so small details that fall on them can get lost.",
    informative: "Whether the network looks at neighbouring pixels alike could not be decided here.",
    notApplicable: "How much each pixel counts cannot be measured on this network.",
  },
  description:
    "R says how much each pixel moves the score: the mean, over images, of its positive gradient. It should be smooth. Odd kernels with even strides put some pixels under more windows than others: R becomes a checkerboard of strong and weak pixels, which the paper found to slow the learning of small objects. The fix pads kernels by zeros: outputs stay as they are until fine-tuning uses the new weights.",
  learnMore: "https://arxiv.org/abs/2108.13576",
  needs: ["fields", "geometry"],
  audit({ fields, geometry: { offenders, padded } }) {
    const causes = causesText(offenders, padded);
    const remedy = remedyOf(offenders, padded);
    const offenderRows = offenders.length === 0 ? [] : [offenderTable(offenders)];
    if ("reason" in fields) {
      if (offenders.length + padded.length === 0) return { verdict: "notApplicable", summary: fields.reason };
      const summary = `${causes} How much pixels suffer is not known. ${fields.reason}`;
      return {
        verdict: "informative",
        summary,
        evidence: offenderRows,
        figures: [offendersFigure(offenders)],
        ...(remedy && { remedy }),
      };
    }
    const { map, summary } = fields.score;
    const verdict = verdictOf(summary);
    const few = summary.n < FEWEST_IMAGES ? ` Fewer than ${FEWEST_IMAGES} images decide nothing.` : "";
    return {
      verdict,
      summary: `${numbersText(summary)} ${causes}${few}`,
      evidence: [...pictures(map), ...phaseEvidence(summary), ...offenderRows],
      figures: [...figuresOf(summary), offendersFigure(offenders)],
      ...(verdict !== "good" && remedy && { remedy }),
    };
  },
});

/** All of R, and a corner in colours of its own, so that a pattern shows however weak the corner is. */
function pictures({ values, dims }: FieldMap): Evidence[] {
  const corner = cornerOf({ values, dims });
  const [height, width] = corner.dims;
  const frames = [{ rows: [0, height - 1], columns: [0, width - 1] }] as const;
  return [
    {
      kind: "picture",
      caption: `R of the score, ${BRIGHTNESS}; dashed: the corner that is enlarged`,
      image: fieldPicture(brightness(values), dims, { frames }),
    },
    {
      kind: "picture",
      caption: `The upper left ${height} x ${width} pixels, in colours of their own`,
      image: fieldPicture(brightness(corner.values), corner.dims),
    },
  ];
}

const errorOf = ({ convergence }: DeadPixelSummary): number | null =>
  convergence.at(-1)?.relativeError ?? null;

function verdictOf(summary: DeadPixelSummary): Verdict {
  const { n, weak, weakShare, peaks, phaseMaps } = summary;
  if (n < FEWEST_IMAGES) return "informative";
  const hasWeakPhases = (phaseMaps[0]?.weak.length ?? 0) > 0;
  if (weak.deadShare > MANY_DEAD || (peaks.length > 0 && hasWeakPhases)) return "problem";
  const isWeak = weakShare > MANY_WEAK && (errorOf(summary) ?? 1) <= KNOWN;
  return peaks.length > 0 || hasWeakPhases || isWeak ? "attention" : "good";
}

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

function numbersText(summary: DeadPixelSummary): string {
  const { n, L1Normalized, strides, phaseMaps, peaks, weakShare, weak } = summary;
  const error = errorOf(summary);
  const [strongest] = peaks;
  const [finest] = phaseMaps;
  const known = error === null ? "" : `, known to ±${percent(error, 0)}`;
  const difference =
    L1Normalized === null
      ? "it is zero everywhere"
      : `neighbouring pixels differ by ${percent(L1Normalized, 0)} of the mean (L1)`;
  const spectrum =
    strides.length === 0
      ? ""
      : strongest === undefined
        ? ", no peak at a stride's frequency"
        : `, ${peaks.length} ${peaks.length === 1 ? "peak" : "peaks"} at strides' frequencies, the strongest ${strongest.ratio.toFixed(0)} times its surroundings (stride ${strongest.stride})`;
  const below =
    finest === undefined || finest.weak.length === 0
      ? ""
      : `, ${finest.weak.length} of ${finest.stride[0] * finest.stride[1]} below half of it`;
  const phases =
    finest === undefined
      ? ""
      : `; positions modulo ${finest.stride.join("x")} differ by ${percent(finest.contrast, 0)} of the mean${below}`;
  return `R of the score over ${n} ${n === 1 ? "image" : "images"}${known}: ${difference}${spectrum}${phases}; ${percent(weakShare)} of pixels are weak (below half of those around them), ${percent(weak.deadShare)} dead.`;
}

function figuresOf({ L1Normalized, phaseMaps, peaks, weakShare, weak }: DeadPixelSummary): Figure[] {
  const lower = { better: "lower" } as const;
  const percents = (id: string, name: string, share: number | null | undefined): Figure =>
    figure({ id, name, unit: "%", ...lower }, share == null ? null : 100 * share);
  return [
    percents("l1", "difference of neighbouring pixels of R, of its mean (L1)", L1Normalized),
    percents(
      "phases",
      "unevenness of positions under the finest stride, of R's mean",
      phaseMaps[0]?.contrast,
    ),
    figure(
      { id: "peaks", name: "peaks of R's spectrum at strides' frequencies", unit: "", ...lower },
      peaks.length,
    ),
    figure(
      {
        id: "strongest-peak",
        name: "strongest of these peaks, beside its surroundings",
        unit: "times",
        ...lower,
      },
      peaks[0]?.ratio,
    ),
    percents("weak", "weak pixels", weakShare),
    percents("dead", "dead pixels", weak.deadShare),
  ];
}

const offendersFigure = (offenders: readonly UnevenSampling[]): Figure =>
  figure(
    {
      id: "uneven-layers",
      name: "layers that read some pixels more often than others",
      unit: "",
      better: "lower",
    },
    offenders.length,
  );

function remedyOf(offenders: readonly UnevenSampling[], padded: readonly string[]): string | undefined {
  if (offenders.some(({ fixable }) => fixable === "kernel-padding"))
    return "snellen fix kernel-padding <model> -o fixed.onnx";
  return padded.length > 0 ? PADDED_REMEDY : undefined;
}

function causesText(offenders: readonly UnevenSampling[], padded: readonly string[]): string {
  if (padded.length === 0) return offendersText(offenders);
  return offenders.length === 0 ? paddedText(padded) : `${offendersText(offenders)} ${paddedText(padded)}`;
}

function offendersText(offenders: readonly UnevenSampling[]): string {
  if (offenders.length === 0) return "No layer reads some pixels more often than others.";
  const fixable = offenders.filter((offender) => offender.fixable === "kernel-padding").length;
  const mended = fixable === 0 ? "none" : fixable === offenders.length ? "all" : fixable;
  return offenders.length === 1
    ? `1 layer reads some pixels more often than others; kernel padding ${fixable === 1 ? "mends it" : "does not mend it"}.`
    : `${offenders.length} layers read some pixels more often than others; kernel padding mends ${mended} of them.`;
}

function phaseEvidence({ phaseMaps: [finest] }: DeadPixelSummary): Evidence[] {
  return finest === undefined || Math.max(...finest.stride) > MOST_PHASES ? [] : [phaseTable(finest)];
}
