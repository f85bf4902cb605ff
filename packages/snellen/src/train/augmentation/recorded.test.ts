// Oracle: torchvision 0.29.2's pad, crop, hflip and RandAugment operations on Pillow pictures (tools/reference/augmentations.py).
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Pixels } from "../../corruptions/corruption.ts";
import { expectSameBytes } from "../../corruptions/test-support/pictures.ts";
import { decodeImage } from "../../node/images-decode.ts";
import { type Pad, shifted } from "./crop.ts";
import { mirrored } from "./flip.ts";
import { MOST_MAGNITUDE } from "./rand-augment.ts";
import { operations } from "./rand-augment-operations.ts";

interface Cases {
  readonly crops: readonly { pad: number; left: number; top: number; mode: Pad }[];
  readonly operations: readonly { operation: string; magnitude: number; sign: -1 | 1 }[];
}

const file = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const cases: Cases = JSON.parse(readFileSync(file("cases.json"), "utf8"));
const clean: Pixels = await decodeImage(file("clean.png"));
const size = clean.data.length;

/** Checks what is made of the clean picture against the recorded pictures one below another. */
async function expectRecorded(kind: string, made: readonly Uint8Array[], names: readonly string[]) {
  const before = clean.data.slice();
  const { data } = await decodeImage(file(`${kind}.png`));
  expect(data.length).toBe(made.length * size);
  for (const [i, bytes] of made.entries())
    expectSameBytes(bytes, data.subarray(i * size, (i + 1) * size), `${kind} ${names[i]}`);
  expectSameBytes(clean.data, before, "the picture that was given");
}

describe("what torchvision recorded", () => {
  it("crops, zeros or mirror image around", async () => {
    expect(cases.crops.length).toBe(12);
    const made = cases.crops.map(
      ({ pad, left, top, mode }) => shifted(clean, left - pad, top - pad, mode).data,
    );
    await expectRecorded(
      "crops",
      made,
      cases.crops.map((row) => JSON.stringify(row)),
    );
  });

  it("mirrors", () => expectRecorded("mirrored", [mirrored(clean).data], ["once"]));

  it("applies RandAugment's operations of colour", async () => {
    expect(new Set(cases.operations.map((row) => row.operation)).size).toBe(9);
    const made = cases.operations.map(({ operation, magnitude, sign }) =>
      operations.find(({ id }) => id === operation)!.apply(clean, magnitude / MOST_MAGNITUDE, sign),
    );
    await expectRecorded(
      "operations",
      made,
      cases.operations.map((row) => JSON.stringify(row)),
    );
  });
});
