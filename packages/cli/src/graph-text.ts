// The canonical graph as text, for `snellen inspect --graph`.
import { canonicalize, printGraph } from "@snellen/graph";
import type { ModelFlags } from "./options.ts";

export async function canonicalGraphText(path: string, flags: ModelFlags): Promise<string> {
  const { openModelFile } = await import("snellen/node");
  const { model } = await openModelFile(path);
  return printGraph(canonicalize(model, { dims: flags.dim ?? {} }).model);
}
