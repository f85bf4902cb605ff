// Operators that read nothing of a value but its shape: what it holds does not pass through them.
import type { Node } from "@snellen/graph";

/** Whether a node's output tells only what shape its input has. */
export const readsShapeOnly = ({ opType }: Node): boolean => opType === "Shape" || opType === "Size";
