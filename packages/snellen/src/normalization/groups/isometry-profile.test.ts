// Gradient lengths through a network. Oracle: for a single score, the gradient's length by central differences of the score.
import { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import { groupedBlocks } from "./advise-groups.ts";
import { gaussianImages } from "./inputs.ts";
import { gradientLengths } from "./isometry-profile.ts";

const model = () =>
  openTextModel(`<ir_version: 10, opset_import: ["": 21]>
  g (float[N,3,4,4] image, float[8,3,3,3] w0, float[8,8,3,3] w1, float[8,1] head)
  => (float[N,1] score) <float[8] gamma = {1,1,1,1,1,1,1,1}, float[8] beta = {0,0,0,0,0,0,0,0}> {
    z0 = Conv <pads = [1,1,1,1]> (image, w0) n0 = GroupNormalization <num_groups = 2> (z0, gamma, beta) o0 = Tanh (n0)
    z1 = Conv <pads = [1,1,1,1]> (o0, w1) n1 = GroupNormalization <num_groups = 2> (z1, gamma, beta) o1 = Tanh (n1)
    p = GlobalAveragePool (o1) f = Flatten (p) score = MatMul (f, head) }`);

describe("gradientLengths", () => {
  it("are those of the score's gradient, and follow the groups", async () => {
    await using network = model();
    const [image] = gaussianImages(network.info, 1, 2);
    const [length] = await gradientLengths(network, ["image"], [], [image!], { draws: 1 });
    expect(length).toBeCloseTo(await lengthByDifferences(network, image!.values), 3);
    const edits = groupedBlocks(network.info).map(({ normalization }) => ({ normalization, groups: 8 }));
    const [other] = await gradientLengths(network, ["image"], edits, [image!], { draws: 1 });
    expect(Math.abs((other as number) / (length as number) - 1)).toBeGreaterThan(0.01);
  });
});

async function lengthByDifferences(network: ReturnType<typeof model>, values: Float32Array): Promise<number> {
  const step = 1e-2;
  return network.use(
    "score",
    () => network.info.model,
    async (session) => {
      const score = async (x: Float32Array): Promise<number> => {
        const outputs = await session.run({ image: new Tensor("float32", x, [1, 3, 4, 4]) });
        const { data } = outputs.score as Tensor;
        return data[0] as number;
      };
      let sum = 0;
      for (let i = 0; i < values.length; i++) {
        const at = values[i] as number;
        const slope =
          ((await score(values.with(i, at + step))) - (await score(values.with(i, at - step)))) / (2 * step);
        sum += slope ** 2;
      }
      return Math.sqrt(sum);
    },
  );
}
