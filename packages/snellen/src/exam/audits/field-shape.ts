// Whether the effective receptive field of the feature layer is a Gaussian, as theory and the published measurements have it.
import { fieldPicture } from "../../receptive-field/effective/field-picture.ts";
import { meanSigma } from "../../receptive-field/size/mean-sigma.ts";
import { BRIGHTNESS, brightness, fieldMarks, profilePlot } from "../../report/fields.ts";
import { type Audit, defineAudit } from "../audit.ts";
import { isGaussian } from "../field-size.ts";
import { figure } from "../figure.ts";

export const fieldShape: Audit = defineAudit({
  id: "field-shape",
  title: "The receptive field has a centre and a size",
  failureTitle: "The receptive field has no size that a Gaussian could tell",
  inWords: {
    good: "Deep inside, each place of the network looks at one patch of the image with a clear centre and size.",
    informative:
      "Deep inside, each place of the network looks at the image in a way that no single patch describes; that is common, and no fault.",
    attention: "How large a patch of the image each place inside the network looks at could not be told.",
    notApplicable: "Which part of the image each place inside the network looks at cannot be measured.",
  },
  description:
    "Which pixels move the central cell of the feature layer, over many images (R: mean of the positive gradients). In convolutional networks it is about a Gaussian, much smaller than the theoretical field; its width σ says how far a cell really sees. Attention spreads it, and skip connections keep a peak at the cell itself: then a Gaussian says little.",
  learnMore: "https://arxiv.org/abs/2108.13576",
  needs: ["fields"],
  audit({ fields }) {
    if ("reason" in fields) return { verdict: "notApplicable", summary: fields.reason };
    if (fields.layer === undefined)
      return {
        verdict: "notApplicable",
        summary: "No value between the image and the scores has a spatial extent.",
      };
    const { map, summary } = fields.layer;
    const { layer, n, converged, reason, sigmaX, sigmaY, r2, amplitude, theoretical, input, notes } = summary;
    const error = summary.convergence.at(-1)?.relativeError ?? null;
    const known = error === null ? "" : `, R known to ±${(100 * error).toFixed(0)} %`;
    const frame = `Theoretical field: ${theoreticalText(theoretical?.size, input)}; ${n} ${n === 1 ? "image" : "images"}${known}.`;
    const gaussian = `a Gaussian of σ ${fixed(sigmaY)} (rows) and ${fixed(sigmaX)} pixels (columns) holds ${percent(amplitude)} of R${(amplitude ?? 0) > 1.005 ? " (beyond 100 %: outside of the image)" : ""} and explains ${percent(r2)} of its variance`;
    return {
      verdict: !converged ? "attention" : isGaussian(summary) ? "good" : "informative",
      summary: converged
        ? `${layer}: ${gaussian}${isGaussian(summary) ? "" : ", which is too little to take its size for the field's"}. ${frame}`
        : `${layer}: ${reason ?? "no Gaussian fits R."} ${frame}`,
      evidence: [
        {
          kind: "picture",
          caption: `R of the central cell of ${layer}, ${BRIGHTNESS}; lines: one and two σ; dashed: the theoretical field, where it is smaller than the input.${notes.map((note) => ` Note: ${note}.`).join("")}`,
          image: fieldPicture(brightness(map.values), map.dims, fieldMarks(summary)),
        },
        profilePlot(summary),
      ],
      // no size is better than another, and no shape
      figures: [
        figure(SIGMA, converged ? meanSigma(summary) : null),
        figure(EXPLAINED, converged && r2 !== null ? 100 * r2 : null),
      ],
    };
  },
});

const SIGMA = {
  id: "sigma",
  name: "width σ of the feature layer's receptive field",
  unit: "pixels",
  better: null,
} as const;
const EXPLAINED = {
  id: "r2",
  name: "variance of R that a Gaussian explains (R²)",
  unit: "%",
  better: null,
} as const;

/** A field that reaches beyond the image on all sides of some cell is no slip: there it sees padding. */
function theoreticalText(
  size: readonly [number | null, number | null] | undefined,
  input: readonly [number, number],
): string {
  if (size === undefined) return `unknown, input ${input.join("x")}`;
  const [rows, columns] = size;
  if (rows === null || columns === null) return `the whole image, input ${input.join("x")}`;
  const isLarger = rows > input[0] && columns > input[1];
  return `${rounded(rows)}x${rounded(columns)} pixels${isLarger ? ", larger than the whole" : " of an"} input of ${input.join("x")}`;
}

const rounded = (pixels: number): number => Math.round(10 * pixels) / 10;
const fixed = (value: number | null): string => (value === null ? "?" : value.toFixed(1));
const percent = (share: number | null): string => (share === null ? "?" : `${(100 * share).toFixed(0)} %`);
