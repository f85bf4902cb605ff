// Each kind of error, and what must become of it.
import { ImageError, InternalError, ModelError } from "@snellen/graph";
import { expect, it } from "vitest";
import { type Refused, unlessRefused } from "./unless-refused.ts";

it("tells what a network's form does not allow, and passes on all else", async () => {
  const refused: Refused[] = [];
  const failing = (error: Error) => unlessRefused("part", refused, () => Promise.reject(error));
  expect(await unlessRefused("part", refused, async () => 3)).toBe(3);
  expect(refused).toEqual([]);
  expect(await failing(new ModelError("no-layer", "there is no layer."))).toBeUndefined();
  expect(refused).toEqual([{ name: "part", reason: "there is no layer." }]);
  for (const error of [new ImageError("bad", "b"), new InternalError("i"), new Error("e")])
    await expect(failing(error)).rejects.toBe(error);
  expect(refused).toHaveLength(1);
});
