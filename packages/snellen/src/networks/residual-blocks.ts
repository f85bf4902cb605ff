// Residual blocks with projection shortcuts where sizes change: y = relu(x + F(x)), or y = x + F(x) with pre-activation.
// arXiv:1512.03385, arXiv:1603.05027.
import type { NetworkWriter } from "./network-writer.ts";

/** Writes with the network's own normalization. */
export interface BlockWriter extends NetworkWriter {
  normalize(name: string, x: string): string;
  relu(x: string): string;
}

interface BlockSizes {
  readonly width: number;
  readonly stride: number;
}

export interface ResidualBlock {
  /** The normalization that ends the branch, whose scale may begin with 0; undefined where a convolution ends it. */
  readonly last: string | undefined;
  add(to: BlockWriter, name: string, x: string, sizes: BlockSizes): string;
}

type BlockName = "basic" | "bottleneck" | "pre-activation";

export const residualBlocks: { readonly [B in BlockName]: ResidualBlock } = {
  basic: { last: "bn2", add: (...given) => postBlock({ kernels: [3, 3], expansion: 1 }, ...given) },
  bottleneck: { last: "bn3", add: (...given) => postBlock({ kernels: [1, 3, 1], expansion: 4 }, ...given) },
  "pre-activation": { last: undefined, add: preBlock },
};

interface Branch {
  /** Of the convolutions; the first of 3×3 has the block's stride. */
  readonly kernels: readonly number[];
  /** Channels that leave the block, over its width. */
  readonly expansion: number;
}

function postBlock(
  { kernels, expansion }: Branch,
  to: BlockWriter,
  name: string,
  x: string,
  { width, stride }: BlockSizes,
): string {
  const output = width * expansion;
  let h = x;
  kernels.forEach((kernel, i) => {
    const isLast = i === kernels.length - 1;
    const window = { kernel, stride: i === kernels.indexOf(3) ? stride : 1 };
    h = to.conv(`${name}.conv${i + 1}`, h, isLast ? output : width, window);
    h = to.normalize(`${name}.bn${i + 1}`, h);
    if (!isLast) h = to.relu(h);
  });
  const skip = isSame(to, x, output, stride)
    ? x
    : to.normalize(`${name}.downsample.1`, to.conv(`${name}.downsample.0`, x, output, { kernel: 1, stride }));
  return to.relu(sum(to, name, h, skip));
}

/** The shortcut's projection reads what the first activation gives, and is not normalized. */
function preBlock(to: BlockWriter, name: string, x: string, { width, stride }: BlockSizes): string {
  const first = to.relu(to.normalize(`${name}.bn1`, x));
  const inner = to.conv(`${name}.conv1`, first, width, { stride });
  const branch = to.conv(`${name}.conv2`, to.relu(to.normalize(`${name}.bn2`, inner)), width);
  const skip = isSame(to, x, width, stride)
    ? x
    : to.conv(`${name}.downsample.0`, first, width, { kernel: 1, stride });
  return sum(to, name, branch, skip);
}

const isSame = (to: BlockWriter, x: string, channels: number, stride: number): boolean =>
  stride === 1 && to.b.dims(x)[1] === channels;

const sum = (to: BlockWriter, name: string, branch: string, skip: string): string =>
  to.b.scoped(name, () => to.b.op("Add", [branch, skip]));
