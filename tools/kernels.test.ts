import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { kernelModule, MODULE } from "./kernels.ts";

it("is what the sources of the kernels compile to: run `npm run kernels`", async () => {
  expect(readFileSync(MODULE, "utf8")).toBe(await kernelModule());
});
