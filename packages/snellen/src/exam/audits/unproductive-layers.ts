// Convolutions that cannot add context, as their input sees the whole image already, and the input size that would change it.
import type { UnproductiveLayer } from "../../receptive-field/theoretical/unproductive.ts";
import type { Geometry } from "../artifacts.ts";
import { type Audit, defineAudit } from "../audit.ts";
import type { Table } from "../result.ts";

/**
 * Times the image's side. Behind a field of one side, the central cell has seen all of the image, but cells at the border have
 * not; of two sides, even the cell in a corner has. Derived here.
 */
const EVERY_CELL = 2;
/** Rows of the table. */
const SHOWN = 12;

export const unproductiveLayers: Audit = defineAudit({
  id: "unproductive-layers",
  title: "Convolutions add context",
  failureTitle: "Some convolutions see no more than those before them",
  inWords: {
    good: "At this image size, every layer can still take in more of the picture than the layers before it.",
    informative:
      "At this image size, some layers take in hardly more of the picture than the layers before them.",
    attention:
      "At this image size, some layers see nothing that the layers before them have not seen: they cost time and hardly help. Larger images, or fewer layers, would make better use of them.",
    notApplicable:
      "The network has no layers whose view grows step by step, so none can have seen everything too early.",
  },
  description:
    "Once the theoretical receptive field of a layer's input is larger than the image, the layer can add no context; such layers were found to hardly raise accuracy. Larger images, or fewer layers, put it right. Fields are those of the longest path: past skip connections smaller ones arrive, for which a layer may still add some.",
  learnMore: "https://arxiv.org/abs/2106.12307",
  needs: ["geometry"],
  audit({ geometry }) {
    const { input, isSizeOpen, unproductive, resolutions } = geometry;
    const { unbounded } = resolutions;
    if (resolutions.productive.every((side) => side === null || side <= 1))
      return {
        verdict: "notApplicable",
        summary:
          unbounded.length === 0
            ? "No convolution looks around in what another layer made of the image."
            : `All ${unbounded.length} ${unbounded.length === 1 ? "convolution that looks around has" : "convolutions that look around have"} the whole image before them (attention, global pooling, gates).`,
      };
    const besides =
      unbounded.length === 0
        ? ""
        : ` ${unbounded.length === 1 ? "1 other has" : `${unbounded.length} others have`} the whole image before (attention, global pooling, gates): not judged.`;
    const whole = unproductive.filter(({ isUnproductive }) => isUnproductive);
    const size = input.join("x");
    if (unproductive.length === 0)
      return {
        verdict: "good",
        summary: `No convolution's input sees more than the image of ${size} pixels; the largest field there is ${fieldText(resolutions.productive)}.${besides}`,
      };
    const certain = whole.filter((layer) => isBeyond(layer, input));
    const part = unproductive.length - whole.length;
    const along = part === 0 ? "" : ` (and ${part} along one of two axes)`;
    const corner =
      certain.length === 0
        ? "Cells at the border still gain."
        : `For ${certain.length} of them that is so even at the image's corners.`;
    return {
      verdict: certain.length > 0 ? "attention" : "informative",
      summary: `${whole.length} ${whole.length === 1 ? "convolution" : "convolutions"}${along} can add no context at ${size} pixels. ${corner} From ${fieldText(resolutions.productive)} pixels on, all would add some${isSizeOpen ? "" : "; the file fixes the size, so it has to be exported anew"}.${besides}`,
      evidence: [tableOf(unproductive, input)],
      ...(isSizeOpen && { remedy: `snellen exam <model> --images <folder> --size ${largerSize(geometry)}` }),
    };
  },
});

/** Along every axis that it looks along, its input's field is so large that all cells have seen the whole image. */
const isBeyond = ({ kernel, inputField }: UnproductiveLayer, input: Geometry["input"]): boolean =>
  kernel.every(
    (side, axis) => side === 1 || (inputField[axis] ?? Infinity) >= EVERY_CELL * (input[axis] as number),
  );

const fieldText = (sides: readonly (number | null)[]): string => sides.map((side) => side ?? "any").join("x");

/** The least size that is productive and that the coarsest map divides. */
function largerSize({ input, resolutions: { productive, multipleOf } }: Geometry): string {
  const sides = multipleOf.map((step, axis) => {
    const least = Math.max(productive[axis] ?? 1, input[axis] as number);
    return Math.ceil(least / step) * step;
  });
  return sides.join("x");
}

const tableOf = (layers: readonly UnproductiveLayer[], input: Geometry["input"]): Table => ({
  kind: "table",
  caption: `${layers.length > SHOWN ? `The first ${SHOWN} of ${layers.length} c` : "C"}onvolutions whose input's receptive field is larger than the image (${input.join("x")})`,
  columns: [
    { title: "layer" },
    { title: "operator" },
    { title: "kernel" },
    { title: "field of its input", unit: "pixels" },
    { title: "adds no context" },
  ],
  rows: layers
    .slice(0, SHOWN)
    .map((layer) => [
      layer.node,
      layer.opType,
      layer.kernel.join("x"),
      layer.inputField.map((side) => side ?? "whole image").join("x"),
      layer.isUnproductive
        ? isBeyond(layer, input)
          ? "to any cell"
          : "to cells in the middle"
        : `along ${layer.along.join(", ")}`,
    ]),
});
