// Normalization advice on full-size networks: seconds, and how many runs of the network forward and back that is, measured beside
// it. Usage: npx tsx --conditions=source bench/normalization.ts --models <folder> [--images 8] [--threads 2] [--rounds 3]
//        (resnet50_gn.onnx and resnet50_bn.onnx, made by tools/reference/bench_models.py)
import { join } from "node:path";
import { parseArgs } from "node:util";
import { adviseGroups, gammaPlan, gaussianImages } from "snellen";
import { openModel } from "snellen/node";
import { gradientLengths } from "../packages/snellen/src/normalization/groups/isometry-profile.ts";
import { needed } from "../tools/needed.ts";

const { values: flags } = parseArgs({
  options: {
    models: { type: "string" },
    images: { type: "string", default: "8" },
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "3" },
  },
});
const models = needed(flags.models, "models", "a folder of networks by tools/reference/bench_models.py");

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

for (const [file, title] of [
  ["resnet50_gn.onnx", "groups"],
  ["resnet50_bn.onnx", "gammas"],
] as const) {
  const rounds: { advice: number; network: number }[] = [];
  for (let round = 0; round < Number(flags.rounds); round++) {
    await using model = await openModel(join(models, file), { threads: Number(flags.threads) });
    const images = gaussianImages(model.info, Number(flags.images), round);
    const forwardAndBack = () => gradientLengths(model, [model.info.input.name], [], images, { draws: 1 });
    await forwardAndBack();
    const network = await seconds(forwardAndBack);
    const advice = await seconds(() =>
      title === "groups"
        ? adviseGroups(model, { kind: "gaussian", images }, { seed: round })
        : gammaPlan(model, images),
    );
    rounds.push({ advice, network });
  }
  const [advice, network] = [median(rounds.map((r) => r.advice)), median(rounds.map((r) => r.network))];
  console.log(
    `${title} of ${file}: ${advice.toFixed(1)} s; the network forward and back over ${flags.images} images ${network.toFixed(2)} s (${(advice / network).toFixed(1)} times)`,
  );
}
