// Whether the score listens to the middle of the image more than to the rest.
import type { FieldMap } from "../../receptive-field/effective/field-map.ts";
import { fieldPicture } from "../../receptive-field/effective/field-picture.ts";
import { BRIGHTNESS, brightness } from "../../report/fields.ts";
import { type Audit, defineAudit } from "../audit.ts";
import { FEWEST_IMAGES } from "../few-images.ts";

/** Share of ΣR in the central half of rows and columns, a quarter of the pixels, where R is the same everywhere. */
const EVEN = 0.25;
/** More than all the rest together: a pixel there counts three times as much as one outside. Derived here. */
const MOST = 0.5;
/** Of the image's side. One half of the image then has 70 % of R, if R is even in each (0.7 − 0.3 of a quarter). Derived here. */
const FAR = 0.1;

export const centreBias: Audit = defineAudit({
  id: "centre-bias",
  title: "The score listens to the whole image",
  failureTitle: "The score listens to one part of the image",
  inWords: {
    informative: "No strong preference for one part of the image was found.",
    attention:
      "The network looks at one part of the image far more than at the rest, so objects elsewhere may be missed.",
    notApplicable: "Which parts of the image count most cannot be measured on this network.",
  },
  description:
    "Where R of the score lies: how much each pixel moves the score, averaged over images. Photographs with their object in the middle make a network listen there, and padding weakens the borders; in the networks that this was tried on, the central quarter held 29 to 44 %. The bias matters where objects will lie elsewhere in use.",
  learnMore: "https://arxiv.org/abs/2108.13576",
  needs: ["fields"],
  audit({ fields }) {
    if ("reason" in fields) return { verdict: "notApplicable", summary: fields.reason };
    const { map, summary } = fields.score;
    const centre = centreOfMass(map);
    if (centre === undefined || summary.centralShare === null)
      return { verdict: "notApplicable", summary: "R of the score is zero everywhere." };
    const [height, width] = map.dims;
    const [down, right] = [(centre[0] + 0.5) / height - 0.5, (centre[1] + 0.5) / width - 0.5];
    const { n, centralShare } = summary;
    const isBiased = centralShare > MOST || Math.max(Math.abs(down), Math.abs(right)) > FAR;
    const few = n < FEWEST_IMAGES ? ` Fewer than ${FEWEST_IMAGES} images decide nothing.` : "";
    return {
      verdict: isBiased && n >= FEWEST_IMAGES ? "attention" : "informative",
      summary: `${percent(centralShare)} of R lies in the central quarter of the image (${percent(EVEN)} if all pixels counted alike); its centre of mass lies ${offset(right, "width right", "width left")} of the image's and ${offset(down, "height below", "height above")} it; ${n} ${n === 1 ? "image" : "images"}.${few}`,
      evidence: [
        {
          kind: "picture",
          caption: `R of the score, ${BRIGHTNESS}; dashed: the central quarter; circle: R's centre of mass`,
          image: fieldPicture(brightness(map.values), map.dims, {
            frames: [
              {
                rows: [Math.round(height / 4), Math.round((3 * height) / 4) - 1],
                columns: [Math.round(width / 4), Math.round((3 * width) / 4) - 1],
              },
            ],
            ellipses: [{ centre, radii: [Math.max(height, width) / 50, Math.max(height, width) / 50] }],
          }),
        },
      ],
    };
  },
});

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

const offset = (share: number, positive: string, negative: string): string =>
  `${(100 * Math.abs(share)).toFixed(1)} % of the ${share >= 0 ? positive : negative}`;

/** [row, column] in pixels, from the centre of the first; undefined where R is zero. */
function centreOfMass({ values, dims: [, width] }: FieldMap): readonly [number, number] | undefined {
  let [sum, row, column] = [0, 0, 0];
  values.forEach((v, i) => {
    sum += v;
    row += v * Math.floor(i / width);
    column += v * (i % width);
  });
  return sum > 0 ? [row / sum, column / sum] : undefined;
}
