// Maps of concepts at the size of the network's input, upsampled as heat maps are: a graph of its own, from cells to pixels.
import { createBuilder, inferShapes, type Model } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { centresOf } from "../cam-graph.ts";
import type { Grid } from "../cam-map.ts";
import { upsampling } from "../upsampling/index.ts";
import { parseSigma, type Sigma } from "../upsampling/sigma.ts";
import type { ConceptImage, Concepts } from "./run-concepts.ts";

/** How a concept's cells become a map of the input's size. */
export interface ConceptMapOptions {
  /** Default `bilinear`. */
  readonly upsampling?: string;
  /** Width of Gaussian kernels, as for heat maps; default `stride`. */
  readonly sigma?: Sigma;
}

/**
 * An image's maps at the size of the network's input, one a concept.
 * @throws UsageError `unknown-upsampling`, `bad-sigma`
 */
export async function conceptMaps(
  model: VisionModel,
  { layer }: Pick<Concepts, "layer">,
  { cells }: ConceptImage,
  options: ConceptMapOptions = {},
): Promise<Grid[]> {
  const { id, build } = upsampling(options.upsampling ?? "bilinear");
  const [sigma = { strides: 1 }] = parseSigma(options.sigma ?? "stride");
  const { size } = model.info.preprocessing.spec;
  const [h, w] = layer.layout.grid;
  const graph = (): Model => {
    const b = createBuilder(cellsOnly(h, w), inferShapes(cellsOnly(h, w)));
    b.output(build({ b, cells: CELLS, size, centres: centresOf(layer, size), sigma }), MAPS);
    return b.build();
  };
  const values = new Float32Array(cells.length * h * w);
  for (const [c, grid] of cells.entries()) values.set(grid.values, c * h * w);
  const feeds = { [CELLS]: new Tensor("float32", values, [cells.length, h, w]) };
  const key = `concept maps ${layer.value} ${id} ${JSON.stringify(sigma)}`;
  const outputs = await model.use(key, graph, (session) => session.run(feeds));
  const [found, length] = [outputs[MAPS]?.data as Float32Array, size[0] * size[1]];
  return cells.map((_, c) => ({ values: found.slice(c * length, (c + 1) * length), dims: size }));
}

const CELLS = "snellen_cells";
const MAPS = "snellen_maps";

/** A graph that only takes cells, to build on. */
const cellsOnly = (h: number, w: number): Model => ({
  irVersion: 8,
  opsets: new Map([["", 18]]),
  graph: {
    name: "concept_maps",
    inputs: [{ name: CELLS, dataType: "float32", dims: ["concepts", h, w] }],
    outputs: [],
    nodes: [],
    initializers: new Map(),
    valueInfo: [],
  },
  functions: [],
  metadata: new Map(),
  producer: "snellen",
});
