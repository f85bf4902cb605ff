// The canonical graph as text, for `snellen inspect --graph`.
import { canonicalize, printGraph } from "@snellen/graph";
import { openModelGraph } from "snellen/node";
import type { ModelFlags } from "../options.ts";

export async function canonicalGraphText(path: string, flags: ModelFlags): Promise<string> {
  const { model } = await openModelGraph(path);
  return printGraph(canonicalize(model, { dims: flags.dim ?? {} }).model);
}
