// Values and gradients beside PyTorch's CrossEntropyLoss, BCEWithLogitsLoss and MSELoss in float64 (tools/reference/training_formulas.py).
import { differentiate } from "@snellen/autodiff";
import { createBuilder, inferShapes, parseGraphText, serializeModel, withGraph } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { formulas } from "../test-support/formulas.ts";
import { oneThread } from "../test-support/recorded-training.ts";
import { addLoss } from "../training-graph.ts";
import { loss, losses } from "./index.ts";

async function lossOf({ loss: id, scores, classes, labelSmoothing }: (typeof formulas.losses)[number]) {
  const count = scores[0]?.length ?? 0;
  const model = parseGraphText(`g (float[N,${count}] x) => (float[N,${count}] y) { y = Identity (x) }`);
  const b = createBuilder(withGraph(model, { outputs: [] }), inferShapes(model));
  const logits = {
    value: "y",
    output: "y",
    skipped: undefined,
    classes: count,
    classAxis: 1,
    shape: [count],
  };
  const scored = addLoss(b, { logits }, { loss: loss(id), lossOptions: { labelSmoothing } });
  b.output(scored.loss);
  b.output(scored.correct);
  const derived = differentiate(b.build(), b.shapes, { of: [scored.loss], wrt: ["x"], seed: "ones" });
  const session = await oneThread.createSession({ bytes: serializeModel(derived.model) });
  const results = await session.run({
    x: new Tensor("float32", Float32Array.from(scores.flat()), [scores.length, count]),
    [scored.classes]: new Tensor("int32", Int32Array.from(classes), [classes.length]),
  });
  await session.dispose();
  const numbers = (name: string) => Array.from((results[name] as Tensor).data as Float32Array);
  return {
    value: numbers(scored.loss)[0] as number,
    correct: numbers(scored.correct)[0] as number,
    gradient: numbers(derived.gradients.get("x") as string),
  };
}

describe.each(formulas.losses)("$loss with smoothing $labelSmoothing of $classes", (recorded) => {
  it("has PyTorch's value and gradient", async () => {
    const { value, gradient } = await lossOf(recorded);
    // float32's rounding of scores of up to 100
    expect(Math.abs(value / recorded.value - 1)).toBeLessThan(3e-7);
    const expected = recorded.gradient.flat();
    const longest = Math.max(...expected.map(Math.abs));
    gradient.forEach((slope, i) => {
      expect(Math.abs(slope - (expected[i] as number)), `score ${i}`).toBeLessThan(3e-7 * longest);
    });
  });

  it("counts the right ones", async () => {
    const { correct } = await lossOf(recorded);
    const { scores, classes } = recorded;
    // the first of equal scores, and no for a single score of 0, as PyTorch's argmax and `> 0`
    const predicted = scores.map((row) =>
      row.length === 1 ? Number((row[0] as number) > 0) : row.indexOf(Math.max(...row)),
    );
    expect(correct).toBe(predicted.filter((predictedClass, i) => predictedClass === classes[i]).length);
  });
});

it("covers every loss", () => {
  expect(new Set(formulas.losses.map(({ loss: id }) => id))).toEqual(new Set(losses.map(({ id }) => id)));
});

it("names the nearest loss", () => {
  expect(() => loss("crossentropy")).toThrow(/Did you mean "cross-entropy"/);
});

it("refuses the softmax of one score", () => {
  expect(losses.filter(({ refusal }) => refusal(1) !== undefined).map(({ id }) => id)).toEqual([
    "cross-entropy",
  ]);
  expect(losses.every(({ refusal }) => refusal(2) === undefined)).toBe(true);
});
