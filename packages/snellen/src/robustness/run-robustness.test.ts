// What is run and what is not, on small networks. Oracle: the orders that a corruptor gets, and predictions one by one.
import { describe, expect, it } from "vitest";
import { type CorruptionOrder, type Corruptor, createCorruptor } from "../corruptions/corruptor.ts";
import type { Image } from "../images/image.ts";
import type { SkippedImage } from "../images/stream.ts";
import { openTextModel } from "../vision-model/test-support/text-model.ts";
import { type Condition, conditionKey, conditionsOf } from "./condition.ts";
import { createObservations } from "./observations.ts";
import { type RobustnessPlan, runRobustness } from "./run-robustness.ts";
import { createSubject, type Subject } from "./subject.ts";

const net = (side: number) =>
  `g (float[N,3,${side},${side}] x, float[6,3,3,3] w, float[6,4] v) => (float[N,4] y)
   { c = Conv (x, w) f = Relu (c) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, v) }`;

const picture = (k: number, side = 48): Image => ({
  width: side,
  height: side,
  data: Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * (17 + 2 * k) + ((i * i) % 91)) % 256),
  source: `picture ${k}`,
});

const entries = (images: readonly Image[]) =>
  images.map((image) => ({ source: image.source, read: async () => image }));

/** Corrupts, and remembers how many pictures each order had. */
function watched(): Corruptor & { readonly orders: (CorruptionOrder & { count: number; width: number })[] } {
  const plain = createCorruptor();
  const orders: (CorruptionOrder & { count: number; width: number })[] = [];
  return {
    ...plain,
    orders,
    corrupt(images, order) {
      orders.push({ ...order, count: images.length, width: images[0]?.width ?? 0 });
      return plain.corrupt(images, order);
    },
  };
}

const CONDITIONS = conditionsOf(["gaussian_noise", "contrast"], [3]);

async function run(
  subjects: readonly Subject[],
  images: readonly Image[],
  given: Partial<RobustnessPlan> & {
    readonly known?: readonly number[];
    readonly conditions?: readonly Condition[];
  } = {},
) {
  const conditions = given.conditions ?? CONDITIONS;
  const observations = createObservations(subjects, conditions, images.length);
  const corruptor = watched();
  const skipped: SkippedImage[] = [];
  const kept: string[] = [];
  for (const image of given.known ?? [])
    for (const subject of subjects)
      for (const condition of conditions)
        observations.record(subject.name, condition, [{ image, predicted: 0, confidence: 1, rank: -1 }]);
  await runRobustness(
    {
      subjects,
      entries: entries(images),
      images: [...images.keys()],
      conditions,
      seed: 1,
      batch: 2,
      at: "input",
      ...given,
    },
    {
      corruptor,
      observations,
      onOutcomes: async ({ name }, condition, outcomes) => {
        kept.push(`${name} ${conditionKey(condition)} ${outcomes.map(({ image }) => image)}`);
      },
      onSkip: (image) => skipped.push(image),
    },
  );
  return { observations, orders: corruptor.orders, skipped, kept };
}

describe("runRobustness", () => {
  const images = [picture(1), picture(2), picture(3)];
  const labels = images.map(() => ({}));

  it("corrupts a picture once for all networks that see the same, and again for another geometry", async () => {
    await using first = openTextModel(net(32), { resize: "squash" });
    await using second = openTextModel(net(32), { resize: "squash" });
    await using larger = openTextModel(net(40), { resize: "squash" });
    const subjects = [
      createSubject("first", first, labels),
      createSubject("second", second, labels),
      createSubject("larger", larger, labels),
    ];
    const { orders, observations } = await run(subjects, images);
    const counts = orders.map(({ corruption, width, count }) => `${corruption} ${width} ${count}`);
    expect(counts.sort()).toEqual(
      [32, 40]
        .flatMap((side) =>
          ["contrast", "gaussian_noise"].flatMap((id) => [1, 2].map((n) => `${id} ${side} ${n}`)),
        )
        .sort(),
    );
    expect(observations.isComplete()).toBe(true);
    // equal networks saw equal pictures
    for (const condition of observations.conditions)
      expect([...observations.columns("second", condition).entries()]).toEqual([
        ...observations.columns("first", condition).entries(),
      ]);
  });

  it("runs what is missing only", async () => {
    await using model = openTextModel(net(32), { resize: "squash" });
    const { orders, kept } = await run([createSubject("net", model, labels)], images, { known: [0, 2] });
    expect(orders.map(({ count }) => count)).toEqual([1, 1]);
    expect(kept).toEqual(["net clean 1", "net gaussian_noise/3 1", "net contrast/3 1"]);
  });

  it("gives each image the same outcome in batches of any size and order", async () => {
    await using model = openTextModel(net(32), { resize: "squash" });
    const subject = createSubject("net", model, labels);
    const whole = await run([subject], images, { batch: 3 });
    const turned = await run([subject], images, { batch: 1, images: [2, 0, 1] });
    for (const condition of whole.observations.conditions)
      expect([...turned.observations.columns("net", condition).entries()]).toEqual([
        ...whole.observations.columns("net", condition).entries(),
      ]);
  });

  it("corrupts whole pictures one by one where that is asked for, and leaves out those that are too small", async () => {
    await using model = openTextModel(net(16), { resize: "squash" });
    const mixed = [picture(1), picture(2, 20), picture(3)];
    const { orders, skipped, observations } = await run([createSubject("net", model, labels)], mixed, {
      at: "picture",
    });
    expect(orders.map(({ count, width }) => [count, width])).toEqual(Array(4).fill([1, 48]));
    expect(skipped.map(({ source, error }) => [source, error.code])).toEqual([
      ["picture 2", "image-too-small"],
    ]);
    expect(observations.count("net", "clean")).toBe(2);
  });

  it("refuses networks whose input is too small", async () => {
    await using model = openTextModel(net(16), { resize: "squash" });
    await expect(run([createSubject("net", model, labels)], images)).rejects.toMatchObject({
      code: "input-too-small",
    });
  });
});
