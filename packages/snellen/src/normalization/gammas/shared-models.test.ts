// Trained networks. Oracle: their code, read by hand; and their own scores, when one γ is doubled.
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { ImageInput } from "../../images/image.ts";
import { openImages } from "../../node/images.ts";
import { openModel } from "../../node/open-model.ts";
import { classifyGammas } from "./classify-gammas.ts";
import { type GammaPlan, gammaPlan } from "./gamma-plan.ts";

/** Absent in a plain checkout. */
const shared = fileURLToPath(new URL("../../../../../../shared/", import.meta.url));

async function planOf(name: string, folder: string, count: number): Promise<GammaPlan> {
  await using model = await openModel(`${shared}models/${name}.onnx`);
  const files = readdirSync(`${shared}${folder}`)
    .filter((file) => file.endsWith(".jpg"))
    .sort();
  const step = Math.floor(files.length / count);
  const some = Array.from({ length: count }, (_, i) => `${shared}${folder}/${files[i * step]}`);
  const images: ImageInput[] = [];
  for await (const image of (await openImages(some)).read()) images.push(image);
  return await gammaPlan(model, images);
}

const categories = ({ gammas }: GammaPlan) =>
  Object.fromEntries(gammas.map(({ parameter, category }) => [parameter, category]));

describe.skipIf(!existsSync(`${shared}models`))("a trained network's γ", () => {
  it("of ResNet-20: bn1 of a block is invariant, bn2 the branch's last, the stem's the stream", async () => {
    const plan = await planOf("cifar10_resnet20_legacy_bn", "cifar10/test", 16);
    const blocks = [1, 2, 3].flatMap((layer) => [0, 1, 2].map((block) => `layer${layer}.${block}`));
    expect(categories(plan)).toEqual({
      "bn1.weight": "shortcut",
      ...Object.fromEntries(
        blocks.flatMap((block) => [
          [`${block}.bn1.weight`, "scale-invariant"],
          [`${block}.bn2.weight`, "branch-last"],
        ]),
      ),
    });
    expect(plan.gammas.map(({ evidence }) => evidence?.agrees)).toEqual(new Array(19).fill(true));
    expect(plan.blocks).toHaveLength(9);
    for (const { varianceRatio } of plan.blocks) expect(varianceRatio).toBeGreaterThan(0.1);
  });

  it("of a post-norm ViT: measurement tells norms before an MLP (nearly invariant) from those before attention", async () => {
    const plan = await planOf("cifar10_vit_smmk47_legacy", "cifar10/test", 8);
    const layers = [0, 1, 2, 3, 4, 5];
    expect(categories(plan)).toEqual({
      ...Object.fromEntries(layers.map((i) => [`transformer.layers.${i}.norm1.weight`, "scale-invariant"])),
      ...Object.fromEntries(layers.map((i) => [`transformer.layers.${i}.norm2.weight`, "shortcut"])),
      // another normalization follows it
      "transformer.layers.5.norm2.weight": "scale-invariant",
      "mlp_head.0.weight": "terminal",
    });
    expect(plan.gammas.filter(({ decidedBy }) => decidedBy === "evidence")).toHaveLength(11);
  });

  it("of EfficientNet-Lite0: stages of linear bottlenecks, of which the first adds nothing", async () => {
    await using model = await openModel(`${shared}models/efficientnet_lite0_legacy_bn.onnx`);
    const found = classifyGammas(model.info).gammas.map(({ name, category, isNearly }) => [
      name.name,
      `${category}${isNearly ? "~" : ""}`,
    ]);
    const expected: [string, string][] = [["_bn0.weight", "scale-invariant~"]];
    let block = 0;
    for (const repeats of [1, 2, 2, 3, 3, 4, 1]) {
      for (let i = 0; i < repeats; i++, block++) {
        // the first block of all does not expand
        const inner = block === 0 ? ["_bn1"] : ["_bn0", "_bn1"];
        for (const bn of inner) expected.push([`_blocks.${block}.${bn}.weight`, "scale-invariant~"]);
        // a stage of one block feeds the next expansion, which is normalized; others start or end a residual sum
        const last = i > 0 ? "branch-last" : repeats === 1 ? "scale-invariant" : "shortcut";
        expected.push([`_blocks.${block}._bn2.weight`, last]);
      }
    }
    expected.push(["_bn1.weight", "terminal"]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });

  it("of a face detector: where a head reads the features, they are terminal", async () => {
    const plan = await planOf("face_slim_320", "images/coco", 3);
    const terminal = plan.gammas
      .filter(({ category }) => category === "terminal")
      .map(({ parameter }) => parameter);
    // heads behind base_net 7, 10 and 12, each conv-bn-relu-conv-bn-relu
    expect(terminal).toEqual(["base_net.7.4.weight", "base_net.10.4.weight", "base_net.12.4.weight"]);
    expect(plan.gammas.map(({ evidence }) => evidence?.agrees)).toEqual(new Array(25).fill(true));
    expect(plan.blocks).toEqual([]);
  });
});
