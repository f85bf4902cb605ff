// Micro-objects: is there a black or a red box of 8 × 8 pixels in the picture, somewhere? The task of arXiv:2108.13576, on which
// a network's dead pixels show, as every place must be seen equally well. Backgrounds are ours (see `FLOOR`).
import { UsageError } from "@snellen/graph";
import { randomStream } from "../../random.ts";
import type { DrawnAnnotation, DrawnSample, DrawRequest } from "../drawn-set.ts";
import { drawBackground } from "../optotypes/background.ts";

/** The classes in the order of their indices. */
export const microObjectLabels = ["black", "red"] as const;

/** Side of the box in pixels, whatever the picture's size. */
export const MICRO_OBJECT_SIDE = 8;

/** What every sample keeps to: sides of a picture in pixels. */
export const microObjectLimits = { size: { least: 16, usual: 64, most: 4096 } } as const;

/**
 * Least byte of the background. The box's green and blue are 0 everywhere and nothing else's are, so that a box can be told
 * from any background and its class by its red alone; yet backgrounds are the optotypes' textures, not one grey, as there a
 * picture's mean would give the answer away without anybody looking for a box.
 */
const FLOOR = 48;

/** RGB of the box by class. */
const COLOURS = [
  [0, 0, 0],
  [255, 0, 0],
] as const;

// The optotypes' streams begin with other numbers. Grain has one of its own: its draws depend on the size.
const streams = { scene: 3, grain: 4, order: 5 } as const;

export interface MicroObject extends DrawnSample {
  readonly label: (typeof microObjectLabels)[number];
}

/**
 * Draws sample `index` of the endless set that `seed` names; the same arguments give the same bytes. Of two samples from an even
 * index on, one is black and one red. Every place at which the box lies wholly in the picture is equally likely.
 *
 * @param seed any 32-bit integer
 * @param index 0, 1, 2, …
 * @param size width and height in pixels, at least 16 (default 64)
 * @throws UsageError `bad-micro-object` when an argument is out of its range
 */
export function makeMicroObject({
  seed,
  index,
  size = microObjectLimits.size.usual,
}: DrawRequest): MicroObject {
  checkRequest(seed, index, size);
  const classIndex = microObjectClass(seed, index);
  const random = randomStream(streams.scene, seed, index);
  const x = random.integer(0, size - MICRO_OBJECT_SIDE);
  const y = random.integer(0, size - MICRO_OBJECT_SIDE);
  const { data } = drawBackground(random, randomStream(streams.grain, seed, index), size);
  for (let i = 0; i < data.length; i++) data[i] = Math.max(FLOOR, data[i]!);
  const mask = new Uint8Array(size * size);
  for (let row = y; row < y + MICRO_OBJECT_SIDE; row++) {
    const start = row * size + x;
    mask.fill(255, start, start + MICRO_OBJECT_SIDE);
    for (let i = start; i < start + MICRO_OBJECT_SIDE; i++) data.set(COLOURS[classIndex]!, 3 * i);
  }
  return {
    seed,
    index,
    label: microObjectLabels[classIndex]!,
    classIndex,
    image: { width: size, height: size, data },
    mask,
    box: { x, y, width: MICRO_OBJECT_SIDE, height: MICRO_OBJECT_SIDE },
  };
}

/** Class of a sample, without drawing it: each pair holds both in an order of its own. */
export const microObjectClass = (seed: number, index: number): number =>
  (randomStream(streams.order, seed, Math.floor(index / 2)).integer(0, 1) + index) % 2;

/** The entry of one sample in `annotations.json`, given where its image and mask were written. */
export const annotateMicroObject = (
  { label, classIndex, box, seed, index }: MicroObject,
  file: string,
  mask: string,
): DrawnAnnotation => ({
  file,
  class: label,
  classIndex,
  box: [box.x, box.y, box.width, box.height],
  mask,
  seed,
  index,
});

function checkRequest(seed: number, index: number, size: number): void {
  const { least, most } = microObjectLimits.size;
  const faults: [boolean, string][] = [
    [(seed | 0) !== seed, `seed ${seed} is not a 32-bit integer.`],
    [!Number.isInteger(index) || index < 0 || index >= 2 ** 31, `index ${index} is not in 0 … 2³¹ - 1.`],
    [
      !Number.isInteger(size) || size < least || size > most,
      `size ${size} is no whole number from ${least} to ${most}.`,
    ],
  ];
  for (const [isFault, what] of faults) {
    if (isFault) throw new UsageError("bad-micro-object", what, { where: "micro-objects" });
  }
}
