// Dead pixels come alive by padding and training. Oracle: a graph whose dead pixels can be counted by hand: no window sees them, so
// they have no gradient.
import { differentiate } from "@snellen/autodiff";
import { canonicalize, type Model, makeTensor, tensorNumbers } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { textModel } from "../../vision-model/test-support/text-model.ts";
import { noiseFeeds } from "./output-difference.ts";
import { padded, run } from "./test-support/padded.ts";

// The cure by the paper's theorem: a 1x1 kernel with stride 2 sees one pixel of four. A padded kernel that has been trained for
// a step sees all.
describe("dead pixels", () => {
  const dead = textModel(`g (float[1,1,8,8] x, float[3,1,1,1] w, float[2,3,3,3] v) => (float[1,2,1,1] y)
    { c = Conv <strides=[2,2]> (x, w) t = Tanh (c) d = Conv <pads=[1,1,1,1]> (t, v) s = Mul (d, d) y = GlobalAveragePool (s) }`);
  const feeds = noiseFeeds(dead, {}, 3);

  async function gradient(of: Model, by: string): Promise<Float32Array> {
    const { model, shapes } = canonicalize(of);
    const result = differentiate(model, shapes, { of: ["y"], wrt: [by], seed: "ones" });
    return (await run(result.model, feeds))[result.gradients.get(by) as string]?.data as Float32Array;
  }

  /** Sum of |dy/dx| at even and odd rows and columns. */
  async function phases(model: Model): Promise<number[]> {
    const sums = [0, 0, 0, 0];
    (await gradient(model, "x")).forEach((g, i) => {
      const phase = 2 * (Math.floor(i / 8) % 2) + (i % 2);
      sums[phase] = (sums[phase] as number) + Math.abs(g);
    });
    return sums;
  }

  async function step(model: Model, rate: number): Promise<Model> {
    const w = model.graph.initializers.get("w")!;
    const g = await gradient(model, "w");
    const values = tensorNumbers(w).map((value, i) => value - rate * (g[i] as number));
    const initializers = new Map([...model.graph.initializers, ["w", makeTensor("float32", w.dims, values)]]);
    return { ...model, graph: { ...model.graph, initializers } };
  }

  it("come alive by padding and training, by neither alone", async () => {
    const { model } = await padded(dead);
    for (const blind of [dead, await step(dead, 0.5), model]) {
      const [seen, ...unseen] = await phases(blind);
      expect([(seen as number) > 0, unseen]).toEqual([true, [0, 0, 0]]);
    }
    let trained = model;
    for (let i = 0; i < 5; i++) trained = await step(trained, 0.5);
    const [seen, ...alive] = await phases(trained);
    for (const sum of alive) expect(sum / (seen as number)).toBeGreaterThan(0.01);
  });
});
