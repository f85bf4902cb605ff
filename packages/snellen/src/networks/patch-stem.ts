// From pictures to tokens: a projection of patches of pixels, or of the map that a small convolutional stem makes.
// Patches: arXiv:2010.11929; convolutional stems: arXiv:2106.14881. Names: timm's.
import { fanInUniform, heNormal } from "./initial-weights.ts";
import { badOption } from "./network-options.ts";
import type { NetworkWriter } from "./network-writer.ts";
import { dividing } from "./normalizer.ts";

export const stems = ["patches", "conv-gn"] as const;

export interface StemOptions {
  readonly size: readonly [height: number, width: number];
  /** Side of a patch in pixels. */
  readonly patch: number;
  /** Numbers of a token. */
  readonly width: number;
  readonly stem: (typeof stems)[number];
  readonly stemWidths: readonly number[];
  readonly stemGroups: number | readonly number[];
}

/** By how much the convolutions shrink a picture. */
const STEM_STRIDE = 4;

/** Rows and columns of patches. @throws UsageError `bad-network-option` where they do not tile the picture */
export function patchGrid({ size, patch, stem }: StemOptions): [rows: number, columns: number] {
  if (size.some((side) => side % patch !== 0))
    throw badOption("patch", `patches of ${patch} x ${patch} do not tile pictures of ${size.join(" x ")}.`);
  if (stem === "conv-gn" && patch % STEM_STRIDE !== 0)
    throw badOption("patch", `with stem conv-gn it is a multiple of ${STEM_STRIDE}; got ${patch}.`);
  return [size[0] / patch, size[1] / patch];
}

/** [N, C, H, W] → [N, rows · columns, width]. */
export function embedPatches(
  network: NetworkWriter,
  options: StemOptions,
  [rows, columns]: readonly [number, number],
): string {
  const { patch, width, stem } = options;
  const isMap = stem === "conv-gn";
  const map = isMap ? convolutionalStem(network, options) : network.image;
  const side = isMap ? patch / STEM_STRIDE : patch;
  const projected = network.conv("patch_embed.proj", map, width, {
    kernel: side,
    stride: side,
    padding: "valid",
    initial: fanInUniform,
    bias: fanInUniform,
  });
  const { b } = network;
  return b.scoped("patch_embed", () => {
    const flat = b.op("Reshape", [projected, b.ints([0, width, rows * columns])]);
    return b.op("Transpose", [flat], { perm: [0, 2, 1] });
  });
}

function convolutionalStem(network: NetworkWriter, { stemWidths, stemGroups }: StemOptions): string {
  const pair = (values: number | readonly number[], option: string): readonly [number, number] => {
    const [first, second = first, ...more] = typeof values === "number" ? [values] : values;
    const isPair = typeof values === "number" || values.length === 2;
    if (isPair && more.length === 0) return [first as number, second as number];
    throw badOption(option, `expected a number for each of the 2 convolutions; got ${more.length + 1}.`);
  };
  const [widths, groups] = [pair(stemWidths, "stemWidths"), pair(stemGroups, "stemGroups")];
  return widths.reduce((x, channels, i) => {
    const at = (part: string) => `patch_embed.backbone.${part}${i + 1}`;
    const h = network.conv(at("conv"), x, channels, { stride: 2, initial: heNormal("out") });
    const own = dividing(groups[i] as number, channels, { name: at("norm"), option: "stemGroups" });
    return network.activate(network.groupNorm(at("norm"), h, own), "relu");
  }, network.image);
}
