// How large each residual branch is beside its skip: Var(F(x)) / Var(x), picture by picture, on the network as it is.
// Kim et al., arXiv:2205.07260: the smaller, the nearer the block is to the identity.
import {
  BATCH,
  batchAxisOf,
  createBuilder,
  type GraphBuilder,
  type Model,
  removeDead,
  withGraph,
} from "@snellen/graph";
import type { Tensor } from "onnxruntime-common";
import type { ImageInput } from "../../images/image.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { ResidualAdd } from "../residual-adds.ts";
import type { ClassifiedGammas } from "./classify-gammas.ts";

export interface VarianceRatio {
  /** Mean over the pictures; NaN where the skip has no variance (a class token that is one constant). */
  readonly mean: number;
  /** The smallest and the largest of one picture. */
  readonly low: number;
  readonly high: number;
}

const RATIOS = "variance_ratios";

/** Pictures a run; what they have in common is nothing, as the network works on kept statistics here. */
const BATCH_SIZE = 8;

/** @returns one a residual Add, in their order */
export async function varianceRatios(
  model: VisionModel,
  { residuals, graph }: ClassifiedGammas,
  images: readonly ImageInput[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<VarianceRatio[]> {
  if (residuals.length === 0 || images.length === 0)
    return residuals.map(() => ({ mean: Number.NaN, low: Number.NaN, high: Number.NaN }));
  const perImage: number[][] = [];
  const size = model.info.batch.fixed ?? BATCH_SIZE;
  for (let first = 0; first < images.length; first += size) {
    const part = images.slice(first, first + size);
    const results = await model.run(
      "variance-ratios",
      () => ratioGraph(graph, model.info.input.name, residuals),
      part,
      undefined,
      signal,
    );
    const rows = results.flatMap((result) => rowsOf(result[RATIOS] as Tensor, residuals.length));
    perImage.push(...rows.slice(0, part.length));
  }
  return residuals.map((_, i) => summaryOf(perImage.map((row) => row[i] as number)));
}

/** The model from the picture to ratios [N, residual Adds]. */
function ratioGraph(
  { model, shapes }: ClassifiedGammas["graph"],
  image: string,
  residuals: readonly ResidualAdd[],
): Model {
  const b = createBuilder(withGraph(model, { outputs: [] }), shapes);
  const pictures = b.op("Shape", [image], { start: 0, end: 1 });
  const columns = residuals.map(({ skip, branches }) => {
    const [first = "", ...more] = branches;
    const branch = more.length === 0 ? first : b.op("Sum", [...branches]);
    return b.op("Div", [variance(b, branch, pictures), variance(b, skip, pictures)]);
  });
  b.output(b.op("Concat", columns, { axis: 1 }), RATIOS);
  return removeDead(b.build());
}

/** Biased variance [N, 1] over all elements of each picture. */
function variance(b: GraphBuilder, value: string, pictures: string): string {
  const rows = b.op("Reshape", [imageFirst(b, value), b.op("Concat", [pictures, b.ints([-1])], { axis: 0 })]);
  const centred = b.op("Sub", [rows, b.op("ReduceMean", [rows, b.ints([1])])]);
  return b.op("ReduceMean", [b.op("Mul", [centred, centred]), b.ints([1])]);
}

/** Pictures along the first axis, where another one counts them (tokens first); windows lie picture by picture already. */
function imageFirst(b: GraphBuilder, value: string): string {
  const axis = batchAxisOf(b.shapes, value) ?? 0;
  if (axis === 0 || b.dims(value)[0] === BATCH) return value;
  const others = b.dims(value).flatMap((_, i) => (i === axis ? [] : [i]));
  return b.op("Transpose", [value], { perm: [axis, ...others] });
}

const rowsOf = ({ data }: Tensor, columns: number): number[][] =>
  Array.from({ length: data.length / columns }, (_, row) =>
    Array.from(data.slice(row * columns, (row + 1) * columns) as Float32Array),
  );

function summaryOf(ratios: readonly number[]): VarianceRatio {
  const finite = ratios.filter(Number.isFinite);
  const mean = finite.reduce((sum, r) => sum + r / finite.length, 0);
  if (finite.length === 0) return { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
  return { mean, low: Math.min(...finite), high: Math.max(...finite) };
}
