// Vision transformer (arXiv:2010.11929) as timm builds and names it, with PreLayerNorm (arXiv:2111.08413) where wanted, its stem
// patches or convolutions with group normalization.
import { makeTensor } from "@snellen/graph";
import { initialWeights, normal, truncatedNormal } from "./initial-weights.ts";
import { classCount, defineNetwork, startNetwork } from "./network.ts";
import { badOption, choice, count, countOrCounts, counts, onlyWhere, positive } from "./network-options.ts";
import { embedPatches, patchGrid, stems } from "./patch-stem.ts";
import { type BlockShape, transformerBlock, VIT_EPSILON } from "./transformer-block.ts";
import { insertUntrained, preLayerNorms } from "./untrained-prelayernorm.ts";

/** Of the class token; timm's. */
const CLASS_TOKEN_SIGMA = 1e-6;

/** Vision transformer (arXiv:2010.11929) as timm builds and names it, with PreLayerNorm (arXiv:2111.08413) where wanted. */
export const vit = defineNetwork({
  id: "vit",
  title: "Vision transformer",
  options: {
    patch: count(4, "side of a patch in pixels"),
    width: count(192, "numbers of each token"),
    depth: count(6, "blocks"),
    heads: count(3, "heads of each attention; they divide the width"),
    mlpRatio: positive(4, "width of each block's hidden layer, over that of tokens"),
    pooling: choice(
      ["class-token", "mean"],
      "class-token",
      "what the head reads: a class token, or the mean of all tokens",
    ),
    layerNorm: choice(
      ["pre", "post"],
      "pre",
      "layer normalization in front of each branch, or behind each sum",
    ),
    prelayernorm: choice(
      preLayerNorms,
      "none",
      "PreLayerNorm in the patch embedding, which keeps positions' weight when colours grow",
    ),
    stem: choice(
      stems,
      "patches",
      "patches of pixels, or of what two 3x3 convolutions with stride 2, group normalization and ReLU give",
    ),
    stemWidths: onlyWhere("stem", ["conv-gn"], counts([48, 96], "channels of the two convolutions")),
    stemGroups: onlyWhere("stem", ["conv-gn"], countOrCounts(8, "groups of both normalizations, or of each")),
    weights: choice(
      ["truncated-normal", "xavier-uniform"],
      "truncated-normal",
      "how linear layers are drawn (standard deviation 0.02 as timm's); convolutions go by their fan-in",
    ),
  },
  write(options, seed) {
    const { width, depth, heads, pooling, layerNorm, prelayernorm } = options;
    if (width % heads !== 0) throw badOption("heads", `${heads} heads do not divide the width ${width}.`);
    if (options.stem === "conv-gn" && (prelayernorm === "before-projection" || prelayernorm === "both"))
      throw badOption(
        "prelayernorm",
        "with stem conv-gn, what is projected is no picture.",
        "Set after-projection.",
      );
    const grid = patchGrid(options);
    const network = startNetwork(options, seed, { initial: initialWeights[options.weights] });
    const { b } = network;
    let x = embedPatches(network, options, grid);
    if (pooling === "class-token") x = withClassToken(x);
    const tokens = b.dims(x)[1] as number;
    const positions = network.weight("pos_embed", [1, tokens, width], NO_FAN, truncatedNormal(0.02));
    const embedded = x;
    x = b.scoped("pos_embed", () => b.op("Add", [embedded, positions]));
    const shape: BlockShape = { width, heads, hidden: hiddenWidth(options), tokens, layerNorm };
    for (let i = 0; i < depth; i++) x = transformerBlock(network, `blocks.${i}`, x, shape);
    const model = network.finish(network.linear("head", pooled(x), classCount(options)));
    return prelayernorm === "none" ? model : insertUntrained(model, prelayernorm);

    function withClassToken(patches: string): string {
      const token = network.weight("cls_token", [1, 1, width], NO_FAN, normal(CLASS_TOKEN_SIGMA));
      return b.scoped("cls_token", () => {
        const batch = b.op("Shape", [network.image], { start: 0, end: 1 });
        const sizes = b.op("Concat", [batch, b.ints([1, width])], { axis: 0 });
        return b.op("Concat", [b.op("Expand", [token, sizes]), patches], { axis: 1 });
      });
    }

    /** Where branches are normalized first, the last sum still has to be. */
    function pooled(last: string): string {
      const normalized = (name: string, value: string) =>
        layerNorm === "pre" ? network.layerNorm(name, value, VIT_EPSILON) : value;
      if (pooling === "class-token")
        return b.op("Gather", [normalized("norm", last), b.tensor(makeTensor("int64", [], [0]))], {
          axis: 1,
        });
      return normalized("fc_norm", b.op("ReduceMean", [last, b.ints([1])], { keepdims: 0 }));
    }
  },
});

const NO_FAN = { in: 1, out: 1 };

function hiddenWidth({ width, mlpRatio }: { readonly width: number; readonly mlpRatio: number }): number {
  const hidden = width * mlpRatio;
  if (Number.isInteger(hidden)) return hidden;
  throw badOption("mlpRatio", `${mlpRatio} times the width ${width} is no whole number.`);
}
