// Whether the cells of the feature layer effectively see as much as the annotated objects cover.
import { type Audit, defineAudit } from "../audit.ts";
import { fieldDiameter } from "../field-size.ts";
import type { Plot } from "../result.ts";

/** Most objects: beyond it, seeing parts only is the rule and not the exception. Derived here. */
const MANY = 0.5;

export const fieldAndObjects: Audit = defineAudit({
  id: "field-and-objects",
  title: "The receptive field is as large as the objects",
  failureTitle: "Most objects are larger than what a cell sees",
  inWords: {
    good: "Most of your objects fit into what a single place deep inside the network looks at.",
    attention:
      "Most of your objects are larger than what a single place deep inside the network looks at, so it has to put them together from parts.",
    notApplicable:
      "No image marks where its object lies, or what the network looks at cannot be measured, so there are no sizes to compare.",
  },
  description:
    "Sizes of the annotated boxes on the network's input (square root of their area) against the diameter of the effective receptive field, which holds 86 % of what moves a cell of the feature layer (R). A cell whose field is smaller than an object sees parts of it; only what follows the layer, often a mean over all cells, can put them together. That may suffice, as field size alone does not foretell accuracy.",
  learnMore: "https://arxiv.org/abs/2108.13576",
  needs: ["fields"],
  audit({ fields }) {
    if ("reason" in fields) return { verdict: "notApplicable", summary: fields.reason };
    const { layer, objects } = fields;
    if (layer === undefined)
      return {
        verdict: "notApplicable",
        summary: "No value between the image and the scores has a spatial extent.",
      };
    if (objects.length === 0)
      return {
        verdict: "notApplicable",
        summary: `None of the ${layer.summary.n} images of the sample has an annotated box that the network sees.`,
      };
    const size = fieldDiameter(layer);
    if (size === undefined)
      return {
        verdict: "attention",
        summary: "R is zero everywhere: the layer's central cell sees nothing.",
      };
    const { diameter, how } = size;
    const larger = objects.filter((side) => side > diameter).length;
    const share = larger / objects.length;
    const median = quantile(objects, 0.5);
    return {
      verdict: share > MANY ? "attention" : "good",
      summary: `${layer.summary.layer}: the field is ${diameter.toFixed(0)} pixels across (${how}), ${(diameter / median).toFixed(1)} times the median object of ${median.toFixed(0)} pixels; larger than the field: ${larger} of ${objects.length} objects (${(100 * share).toFixed(0)} %).`,
      evidence: [sizesPlot(objects, diameter)],
    };
  },
});

/** Of values in order, by interpolation. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return low + (high - low) * (at - Math.floor(at));
}

const sizesPlot = (objects: readonly number[], diameter: number): Plot => ({
  kind: "plot",
  caption: `Sizes of ${objects.length} objects: share of them up to a size, and the field's diameter`,
  x: { title: "square root of the box's area (pixels of the input)" },
  y: { title: "share of the objects" },
  series: [
    {
      name: "objects",
      points: objects.flatMap((side, i): [number, number][] => [
        [side, i / objects.length],
        [side, (i + 1) / objects.length],
      ]),
      style: "line",
    },
    {
      name: "field",
      points: [
        [diameter, 0],
        [diameter, 1],
      ],
      style: "dashed",
    },
  ],
});
