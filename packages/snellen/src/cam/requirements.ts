// What must hold between a method, a layer and a target, and the error that says what does not.
import { UnsupportedError } from "@snellen/graph";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { FeatureLayer } from "../vision-model/layers.ts";
import { whyNotLinear } from "./linear-head.ts";
import type { CamMethod } from "./method.ts";
import { MOST_ROWS, principalRows } from "./principal.ts";
import type { CamOptions } from "./run-cams.ts";
import type { TargetKind } from "./targets/target.ts";

/** What of the options bears on what a method needs. */
export type Asked = Pick<CamOptions, "eigenSmooth">;

/** Why a method cannot explain a layer of a network; undefined when it can. */
export const whyNot = (
  { model, logits }: DescribedModel,
  method: CamMethod,
  layer: FeatureLayer,
  asked: Asked = {},
): string | undefined =>
  (method.requires === "linear-head"
    ? whyNotLinear(model.graph.nodes, layer.value, logits.value)
    : undefined) ?? whyTooFine(method, layer, asked);

/** Principal directions of fine layers would take seconds a picture. */
function whyTooFine(
  method: CamMethod,
  { layout: { grid }, channels }: FeatureLayer,
  { eigenSmooth }: Asked,
): string | undefined {
  const smooths = eigenSmooth === true && method.kind !== "pixels";
  const size = (method.rows ?? (smooths ? principalRows : undefined))?.(grid[0] * grid[1], channels) ?? 0;
  return size > MOST_ROWS
    ? `the layer is too fine: ${grid.join("x")} cells of ${channels} channels need a product of ${size} rows, ${MOST_ROWS} are taken at most`
    : undefined;
}

/** @throws UnsupportedError `no-linear-head`, `layer-too-fine` */
export function requireLayer(
  described: DescribedModel,
  method: CamMethod,
  layer: FeatureLayer,
  asked: Asked,
): void {
  const reason = whyNot(described, method, layer, asked);
  if (reason === undefined) return;
  if (whyTooFine(method, layer, asked) === reason)
    throw new UnsupportedError("layer-too-fine", `${method.title}: ${reason}.`, {
      where: `layer "${layer.value}"`,
      hint: asked.eigenSmooth
        ? "Take a coarser --layer, or leave --eigen-smooth out."
        : "Take a coarser --layer.",
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
export function requireClassScore(method: CamMethod, { id, syntax, isClassScore }: TargetKind): void {
  if (method.comparesClasses !== true || isClassScore === true) return;
  throw new UnsupportedError(
    "no-class",
    `${method.title} compares a class's score with those of the classes nearest to it, and --target ${syntax} is not such a score.`,
    {
      where: `--target ${id}`,
      hint: "Explain a class alone, such as --target top1, or use --method grad-cam, which explains any number.",
    },
  );
}
