// Five steps with given gradients beside PyTorch's SGD and AdamW in float64 (tools/reference/training_formulas.py).
import { createBuilder, inferShapes, parseGraphText, serializeModel, withGraph } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { expect, it } from "vitest";
import { formulas } from "../test-support/formulas.ts";
import { oneThread } from "../test-support/recorded-training.ts";
import { optimizer, optimizers } from "./index.ts";

type Case = (typeof formulas.optimizers.cases)[number];

async function stepsOf({ optimizer: id, rate, momentum, secondMoment, decay }: Case): Promise<number[][]> {
  const chosen = optimizer(id);
  const settings = { momentum, secondMoment };
  const slots = chosen.slots.map((_, i) => `slot${i}`);
  const given = Object.keys(chosen.rates(settings, 1));
  const model = parseGraphText("g (float[4] w) => (float[4] y) { y = Identity (w) }");
  const b = createBuilder(withGraph(model, { outputs: [] }), inferShapes(model));
  for (const name of ["g", ...slots]) b.input(name, "float32", [4]);
  for (const name of ["rate", ...given]) b.input(name, "float32", []);
  const updated = chosen.update(b, settings, {
    weights: "w",
    gradient: "g",
    slots,
    rate: "rate",
    given: (name) => name,
    decay,
  });
  const outputs = [updated.weights, ...updated.slots].map((value, i) => b.output(value, `next${i}`));
  const session = await oneThread.createSession({ bytes: serializeModel(b.build()) });
  let state: Float32Array[] = [
    Float32Array.from(formulas.optimizers.weights),
    ...slots.map(() => new Float32Array(4)),
  ];
  const after: number[][] = [];
  for (const [i, gradient] of formulas.optimizers.gradients.entries()) {
    const numbers = { rate, ...chosen.rates(settings, i + 1) };
    const results = await session.run({
      ...Object.fromEntries(
        ["w", ...slots].map((name, k) => [name, new Tensor("float32", state[k] as Float32Array, [4])]),
      ),
      g: new Tensor("float32", Float32Array.from(gradient), [4]),
      ...Object.fromEntries(
        Object.entries(numbers).map(([name, value]) => [
          name,
          new Tensor("float32", Float32Array.of(value), []),
        ]),
      ),
    });
    state = outputs.map((name) => (results[name] as Tensor).data as Float32Array);
    after.push([...(state[0] as Float32Array)]);
  }
  await session.dispose();
  return after;
}

it.each(formulas.optimizers.cases)("$optimizer with decay $decay steps as PyTorch's", async (recorded) => {
  const after = await stepsOf(recorded);
  after.forEach((weights, step) => {
    weights.forEach((weight, i) => {
      const expected = recorded.after[step]?.[i] as number;
      // a few roundings of float32 a step, of weights of up to 2
      expect(Math.abs(weight - expected), `step ${step}, weight ${i}`).toBeLessThan(5e-7);
    });
  });
});

it("covers every optimizer, with decay and without", () => {
  const covered = new Set(formulas.optimizers.cases.map(({ optimizer: id, decay }) => `${id} ${decay > 0}`));
  expect(covered).toEqual(new Set(optimizers.flatMap(({ id }) => [`${id} true`, `${id} false`])));
});

it("names the nearest optimizer", () => {
  expect(() => optimizer("adam")).toThrow(/Did you mean "adamw"/);
});
