// Keeps results away from the model that they are made from: its weights are read while the result is written.
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { UsageError } from "@snellen/graph";

/** @throws UsageError `output-is-input`, links followed */
export async function requireOtherFile(model: string, out: string, flag: string): Promise<void> {
  const [from, to] = await Promise.all([model, out].map((path) => realpath(path).catch(() => resolve(path))));
  if (from !== to) return;
  throw new UsageError("output-is-input", "is the model itself.", {
    where: `--${flag} ${out}`,
    hint: "Give another name.",
  });
}
