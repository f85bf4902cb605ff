// The table of shape functions, keyed by operator ("domain::Op" outside the standard domain).
import type { ShapeFunction } from "../value-type.ts";

export const SHAPE_FUNCTIONS: Readonly<Record<string, ShapeFunction | undefined>> = {};
