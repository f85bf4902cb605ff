// Oracles: what was recorded, by hand; properties: order, repetition and the split into parts do not matter.
import { InternalError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { randomStream } from "../random.ts";
import { conditionKey, conditionsOf, parseCondition } from "./condition.ts";
import { type ClassObservation, createObservations, type Observations } from "./observations.ts";

const MODELS = [
  { name: "net", outcome: "class", classes: 10 },
  { name: "mask", outcome: "agreement" },
] as const;
const CONDITIONS = conditionsOf(["snow", "fog"], [1, 2]);
const outcome = (image: number, predicted = 3): ClassObservation => ({
  image,
  predicted,
  confidence: 0.7,
  rank: 1,
});

describe("conditions", () => {
  it("have a text that leads back to them, and come clean first", () => {
    expect(CONDITIONS.map(conditionKey)).toEqual(["clean", "snow/1", "snow/2", "fog/1", "fog/2"]);
    expect(CONDITIONS.map((c) => parseCondition(conditionKey(c)))).toEqual(CONDITIONS);
  });

  it.each(["snow", "snow/6", "snow/", "/3", "snow/3.0"])("refuse the text %j", (text) => {
    expect(() => parseCondition(text)).toThrow(InternalError);
  });
});

describe("createObservations", () => {
  it("counts what is there, and tells when all is", () => {
    const store = createObservations(MODELS, CONDITIONS, 3);
    store.record("net", "snow/1", [outcome(2), outcome(0)]);
    expect([store.count("net", "snow/1"), store.count("net", "clean")]).toEqual([2, 0]);
    expect([0, 1, 2].map((i) => store.has("net", { corruption: "snow", severity: 1 }, i))).toEqual([
      true,
      false,
      true,
    ]);
    expect([...store.columns("net", "snow/1").entries()]).toEqual(
      [0, 2].map((i) => ({ ...outcome(i), confidence: Math.fround(0.7) })),
    );
    for (const condition of CONDITIONS) {
      store.record("net", condition, [outcome(0), outcome(2)]);
      store.record(
        "mask",
        condition,
        [0, 2].map((image) => ({ image, agreement: 0.5 })),
      );
    }
    expect([store.isComplete(), store.isComplete(new Set([1]))]).toEqual([false, true]);
  });

  it.each([
    ["a kind that is not the model's", "mask", "clean", outcome(1)],
    ["an image beyond the list", "net", "clean", outcome(3)],
    ["a confidence above one", "net", "clean", { ...outcome(1), confidence: 1.01 }],
    ["no number", "mask", "clean", { image: 1, agreement: Number.NaN }],
    ["an unknown model", "other", "clean", outcome(1)],
    ["an unknown condition", "net", "snow/3", outcome(1)],
  ])("refuses %s", (_, model, condition, entry) => {
    const store = createObservations(MODELS, CONDITIONS, 3);
    store.record("net", "clean", [outcome(0)]);
    expect(() => store.record(model, condition, [entry])).toThrow(InternalError);
  });

  it.each([
    ["class", "net", outcome(0, 4)],
    ["place of the true class", "net", { ...outcome(0), rank: 2 }],
    ["confidence", "net", { ...outcome(0), confidence: 0.702 }],
    ["agreement", "mask", { image: 0, agreement: 0.498 }],
  ])("refuses another %s of the same image", (_, model, entry) => {
    const store = createObservations(MODELS, CONDITIONS, 3);
    store.record("net", "clean", [outcome(0)]);
    store.record("mask", "clean", [{ image: 0, agreement: 0.5 }]);
    expect(() => store.record(model, "clean", [entry])).toThrow(
      expect.objectContaining({ code: "contradicting-outcomes" }),
    );
  });

  it("keeps the larger of two confidences that differ by rounding, whichever came first", () => {
    const near = { ...outcome(0), confidence: 0.7004 };
    for (const entries of [
      [outcome(0), near],
      [near, outcome(0)],
    ]) {
      const store = createObservations(MODELS, CONDITIONS, 3);
      store.record("net", "clean", entries);
      expect([...store.columns("net", "clean").entries()]).toEqual([
        { ...near, confidence: Math.fround(0.7004) },
      ]);
    }
  });

  it("refuses two models of one name", () => {
    expect(() => createObservations([MODELS[0], MODELS[0]], CONDITIONS, 1)).toThrow(/listed twice/);
  });

  it("is the same in whatever order, parts and repetitions outcomes come", () => {
    const images = 20;
    const random = randomStream(5);
    const all = MODELS.flatMap(({ name, outcome: kind }) =>
      CONDITIONS.flatMap((condition) =>
        Array.from({ length: images }, (_, image) => {
          const entry =
            kind === "class"
              ? {
                  image,
                  predicted: random.integer(0, 9),
                  confidence: random.uniform(0, 1),
                  rank: random.integer(-1, 9),
                }
              : { image, agreement: random.uniform(0, 1) };
          return { name, condition, entry };
        }),
      ),
    );
    const stored = (rows: typeof all): Observations => {
      const store = createObservations(MODELS, CONDITIONS, images);
      for (const { name, condition, entry } of rows) store.record(name, condition, [entry]);
      return store;
    };
    const content = (store: Observations) =>
      MODELS.map(({ name }) => store.conditions.map((key) => [...store.columns(name, key).entries()]));
    const whole = stored(all);
    const shuffled = random.permutation(all.length).map((i) => all[i]!);
    expect(content(stored([...shuffled, ...all.slice(0, 50)]))).toEqual(content(whole));
    const parts = [0, 1, 2].map((part) => stored(shuffled.filter((_, i) => i % 3 === part)));
    const merged = createObservations(MODELS, CONDITIONS, images);
    for (const part of [...parts, parts[0]!]) merged.merge(part);
    expect(content(merged)).toEqual(content(whole));
    expect([merged.isComplete(), parts[0]!.isComplete()]).toEqual([true, false]);
  });
});
