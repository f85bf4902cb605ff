// Finds the graph input that takes the picture, and how it takes it: layout, channels, size, element type.
import {
  type DataType,
  type DeclaredDim,
  type Model,
  ModelError,
  UsageError,
  type ValueInfo,
} from "@snellen/graph";

export interface ImageInputInfo {
  readonly name: string;
  readonly layout: "NCHW" | "NHWC";
  readonly channels: 1 | 3;
  readonly dataType: "float32" | "uint8" | "float16" | "float64";
  /** Height and width; undefined where the model leaves them open. */
  readonly size: readonly [height: number | undefined, width: number | undefined];
  /** The batch the model is fixed to; undefined when it takes any. */
  readonly fixedBatch: number | undefined;
}

const PIXEL_TYPES: ReadonlySet<DataType | undefined> = new Set([
  "float32",
  "uint8",
  "float16",
  "float64",
] as const);

/** Inputs that the caller must feed: initializers listed as inputs (IR < 4) are not among them. */
export const feedsOf = (model: Model): readonly ValueInfo[] =>
  model.graph.inputs.filter((v) => !model.graph.initializers.has(v.name));

/**
 * The input that takes images: rank 4 with one or three channels, at axis 1 (NCHW) or 3 (NHWC).
 * @param wanted name given by the user (`--input`)
 * @throws ModelError `no-image-input`, `several-image-inputs`; UsageError `unknown-input`
 */
export function findImageInput(model: Model, wanted?: string): ImageInputInfo {
  const feeds = feedsOf(model);
  if (wanted !== undefined) {
    const info = feeds.find((v) => v.name === wanted);
    if (info === undefined) {
      throw new UsageError("unknown-input", `the model has no input "${wanted}".`, {
        where: "--input",
        hint: `Its inputs: ${describe(feeds)}.`,
      });
    }
    const read = readImageInput(info);
    if (read !== undefined) return read;
    throw new ModelError("no-image-input", `input ${describe([info])} takes no images.`, {
      hint: "Expected [N, 3, H, W] or [N, H, W, 3].",
    });
  }
  const found = feeds.map(readImageInput).filter((i) => i !== undefined);
  if (found.length === 1) return found[0] as ImageInputInfo;
  if (found.length > 1) {
    throw new ModelError(
      "several-image-inputs",
      `${found.length} inputs could take the image: ${found.map((i) => i.name).join(", ")}.`,
      {
        hint: `Choose one: --input ${found[0]?.name}.`,
      },
    );
  }
  throw new ModelError(
    "no-image-input",
    "no input takes images ([N, 3, H, W] or [N, H, W, 3], float or uint8).",
    {
      hint: `The model's inputs: ${describe(feeds) || "none"}.`,
    },
  );
}

function readImageInput(info: ValueInfo): ImageInputInfo | undefined {
  const { dims, dataType } = info;
  if (dims?.length !== 4 || !PIXEL_TYPES.has(dataType)) return undefined;
  const layout = layoutOf(dims);
  if (layout === undefined) return undefined;
  const number = (axis: number) => (typeof dims[axis] === "number" ? dims[axis] : undefined);
  const [c, h, w] = layout === "NCHW" ? [1, 2, 3] : [3, 1, 2];
  return {
    name: info.name,
    layout,
    channels: number(c) === 1 ? 1 : 3,
    dataType: dataType as ImageInputInfo["dataType"],
    size: [positive(number(h)), positive(number(w))],
    fixedBatch: positive(number(0)),
  };
}

/** Some exporters write -1 or 0 for an open dimension. */
const positive = (n: number | undefined): number | undefined => (n !== undefined && n > 0 ? n : undefined);

/** The axis with one or three channels; with open dims everywhere, NCHW as PyTorch writes it. */
function layoutOf(dims: readonly DeclaredDim[]): "NCHW" | "NHWC" | undefined {
  const isChannels = (axis: number) => dims[axis] === 3 || dims[axis] === 1;
  if (isChannels(1)) return "NCHW";
  if (isChannels(3)) return "NHWC";
  return typeof dims[1] === "number" || typeof dims[3] === "number" ? undefined : "NCHW";
}

const describe = (infos: readonly ValueInfo[]): string =>
  infos
    .map((v) => `"${v.name}" ${v.dataType ?? "?"}[${(v.dims ?? ["?"]).map((d) => d ?? "?").join(", ")}]`)
    .join(", ");
