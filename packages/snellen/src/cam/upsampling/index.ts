// The registry of upsamplings.
import { closest, UsageError } from "@snellen/graph";
import { bilinear } from "./bilinear.ts";
import { gaussian } from "./gaussian.ts";
import { nearest } from "./nearest.ts";
import type { Upsampling } from "./upsampling.ts";

export const upsamplings: readonly Upsampling[] = [bilinear, gaussian, nearest];

/** @throws UsageError `unknown-upsampling` */
export function upsampling(id: string): Upsampling {
  const found = upsamplings.find((u) => u.id === id);
  if (found !== undefined) return found;
  const ids = upsamplings.map((u) => u.id);
  throw new UsageError("unknown-upsampling", `no upsampling "${id}".`, {
    where: "--upsampling",
    hint: `Did you mean "${closest(id, ids)}"? Known: ${ids.join(", ")}.`,
  });
}
