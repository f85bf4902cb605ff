// The registry of methods: the command line's choices, the docs' tables and the test matrix are made from it.
import { closest, UsageError } from "@snellen/graph";
import type { CamMethod } from "../method.ts";
import { cam } from "./cam.ts";
import { extendedCam } from "./extended-cam.ts";
import { gradCam } from "./grad-cam.ts";
import { hiresCam } from "./hires-cam.ts";

export const camMethods: readonly CamMethod[] = [cam, gradCam, hiresCam, extendedCam];

/** @throws UsageError `unknown-method` with the nearest known id */
export function camMethod(id: string): CamMethod {
  const found = camMethods.find((m) => m.id === id);
  if (found !== undefined) return found;
  const ids = camMethods.map((m) => m.id);
  throw new UsageError("unknown-method", `no method "${id}".`, {
    where: "--method",
    hint: `Did you mean "${closest(id, ids)}"? Known: ${ids.join(", ")}.`,
  });
}
