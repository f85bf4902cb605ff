// The numbers behind a drawn set's name, as in `optotypes:count=20000,seed=1`.
import { closest, UsageError } from "@snellen/graph";
import type { DrawnSet } from "./drawn-set.ts";
import type { Split } from "./file-set.ts";
import { type DrawnRecipe, MOST_DRAWN } from "./pictures/drawn-pictures.ts";

/** Pictures of a split without `count`. */
const COUNTS = { train: 20_000, test: 2_000 } as const;
/** Splits without `first` never meet, as none has more pictures than lie between. */
const FIRSTS = { train: 0, test: MOST_DRAWN } as const;

/**
 * Reads `count`, `size`, `seed` and `first` between commas; each may be left out.
 * @throws UsageError `bad-drawn-set`
 */
export function drawnRecipe(set: DrawnSet, text: string, split: Split): DrawnRecipe {
  const values: Record<"count" | "size" | "seed" | "first", number> = {
    count: COUNTS[split],
    size: set.size.usual,
    seed: 0,
    first: FIRSTS[split],
  };
  const names = Object.keys(values);
  for (const part of text === "" ? [] : text.split(",")) {
    const [, name, value] = /^\s*([a-z]+)\s*=\s*(-?\d+)\s*$/.exec(part) ?? [];
    if (name !== undefined && Object.hasOwn(values, name)) {
      values[name as keyof typeof values] = Number(value);
      continue;
    }
    const near = closest(/^\s*([^=\s]*)/.exec(part)?.[1] ?? "", names);
    throw new UsageError("bad-drawn-set", `cannot read "${part}".`, {
      where: set.id,
      hint: `Did you mean "${near}"? Write ${set.id}:count=1000,size=${set.size.usual},seed=0,first=0.`,
    });
  }
  return { kind: "drawn", set: set.id, ...values };
}
