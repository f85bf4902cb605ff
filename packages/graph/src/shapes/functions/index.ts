// The table of shape functions, keyed by operator ("domain::Op" outside the standard domain).
// An operator that is missing here stays unknown and is found by running the model (`trace-shapes.ts`).
import type { ShapeFunction } from "../value-type.ts";
import { attentionLayers } from "./attention.ts";
import { contrib } from "./contrib.ts";
import { control } from "./control.ts";
import { convolutions } from "./conv.ts";
import { elementwise } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { losses } from "./loss.ts";
import { matrixProducts } from "./matmul.ts";
import { movement } from "./movement.ts";
import { normalization } from "./normalization.ts";
import { quantization } from "./quantization.ts";
import { recurrentLayers } from "./recurrent.ts";
import { reduction } from "./reduction.ts";
import { resampling } from "./resampling.ts";
import type { ShapeTable } from "./support.ts";
import { withContents } from "./values.ts";

const families: readonly ShapeTable[] = [
  elementwise,
  matrixProducts,
  convolutions,
  resampling,
  movement,
  indexing,
  reduction,
  normalization,
  recurrentLayers,
  attentionLayers,
  quantization,
  contrib,
  losses,
  control,
];

export const SHAPE_FUNCTIONS: Readonly<Record<string, ShapeFunction | undefined>> = Object.fromEntries(
  families.flatMap((family) => Object.entries(family)).map(([op, infer]) => [op, withContents(op, infer)]),
);
