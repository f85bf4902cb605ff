// Which pixels move which cells, by trying: every row (or column) of the image is brightened in turn and the network is run.
import { type Model, serializeModel } from "@snellen/graph";
import { InferenceSession, Tensor } from "onnxruntime-node";

export interface Reached {
  /** Cell along the axis. */
  readonly cell: number;
  /** First and last pixel along the axis that move it; cells that nothing moves are left out. */
  readonly first: number;
  readonly last: number;
}

/**
 * @param size height and width of the image input "image", float32 [N, 3, height, width]
 * @param axis 0 for rows, 1 for columns
 */
export async function reachedCells(
  model: Model,
  value: string,
  size: readonly [number, number],
  axis: 0 | 1,
): Promise<Reached[]> {
  const outputs = [{ name: value, dataType: "float32" as const, dims: undefined }];
  const session = await InferenceSession.create(
    serializeModel({ ...model, graph: { ...model.graph, outputs } }),
    { graphOptimizationLevel: "disabled" },
  );
  const [h, w] = size;
  const lines = size[axis];
  const image = Float32Array.from({ length: (lines + 1) * 3 * h * w }, (_, i) => {
    const line = axis === 0 ? Math.floor(i / w) % h : i % w;
    return Math.floor(i / (3 * h * w)) - 1 === line ? 2 : 1;
  });
  const results = await session.run({ image: new Tensor("float32", image, [lines + 1, 3, h, w]) });
  await session.release();
  const { dims, data } = results[value] as Tensor & { data: Float32Array };
  const [, channels, rows, columns] = dims as [number, number, number, number];
  const perImage = channels * rows * columns;
  return Array.from({ length: axis === 0 ? rows : columns }, (_, cell) => {
    const own = Array.from({ length: perImage }, (_, i) => i).filter(
      (i) => (axis === 0 ? Math.floor(i / columns) % rows : i % columns) === cell,
    );
    const moved = Array.from({ length: lines }, (_, line) => line).filter((line) =>
      own.some((i) => data[(line + 1) * perImage + i] !== data[i]),
    );
    return { cell, first: moved[0] ?? Number.NaN, last: moved.at(-1) ?? Number.NaN };
  }).filter(({ first }) => !Number.isNaN(first));
}
