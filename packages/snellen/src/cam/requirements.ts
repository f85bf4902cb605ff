// What must hold between a method, a layer and a target, and the error that says what does not.
import { UnsupportedError } from "@snellen/graph";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { FeatureLayer } from "../vision-model/layers.ts";
import { whyNotLinear } from "./linear-head.ts";
import type { CamMethod } from "./method.ts";
import { MOST_ROWS } from "./principal.ts";
import type { TargetKind } from "./targets/target.ts";

/** Why a method cannot explain a layer of a network; undefined when it can. */
export const whyNot = (
  { model, logits }: DescribedModel,
  method: CamMethod,
  layer: FeatureLayer,
): string | undefined =>
  (method.requires === "linear-head"
    ? whyNotLinear(model.graph.nodes, layer.value, logits.value)
    : undefined) ?? whyTooFine(method, layer);

/** Principal directions of fine layers would take seconds a picture. */
function whyTooFine({ rows }: CamMethod, { layout: { grid }, channels }: FeatureLayer): string | undefined {
  const size = rows?.(grid[0] * grid[1], channels) ?? 0;
  return size > MOST_ROWS
    ? `the layer is too fine: ${grid.join("x")} cells of ${channels} channels need a product of ${size} rows, ${MOST_ROWS} are taken at most`
    : undefined;
}

/** @throws UnsupportedError `no-linear-head`, `layer-too-fine` */
export function requireLayer(described: DescribedModel, method: CamMethod, layer: FeatureLayer): void {
  const reason = whyNot(described, method, layer);
  if (reason === undefined) return;
  if (whyTooFine(method, layer) === reason)
    throw new UnsupportedError("layer-too-fine", `${method.title}: ${reason}.`, {
      where: `layer "${layer.value}"`,
      hint: "Take a coarser --layer.",
    });
  throw new UnsupportedError(
    "no-linear-head",
    `${method.title} needs global average pooling and a linear classifier behind the layer: ${reason}.`,
    {
      where: `layer "${layer.value}"`,
      hint: "Use --method grad-cam, which needs neither.",
    },
  );
}

/** @throws UnsupportedError `no-class` */
export function requireClass(method: CamMethod, { id, syntax, hasClass = true }: TargetKind): void {
  if (method.comparesClasses !== true || hasClass) return;
  throw new UnsupportedError(
    "no-class",
    `${method.title} compares a class with others, but ${syntax} is no class's score.`,
    { where: `--target ${id}`, hint: "Use --method grad-cam, which explains any number." },
  );
}
