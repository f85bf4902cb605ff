// A transformer together with a teacher that has seen the same pictures (Romero et al. 2015): each patch token should tell what the
// teacher's last map holds at its place. Class labels alone take long to show a transformer which patches matter.
import {
  canonicalize,
  createBuilder,
  floatTensor,
  type GraphBuilder,
  inferShapes,
  type Model,
  removeDead,
  withGraph,
} from "../../packages/graph/src/index.ts";
import { addPrefix } from "../../packages/graph/src/passes/rename.ts";
import { gaussians } from "../../packages/snellen/src/random.ts";

/** The scalar that training makes small beside the loss. */
export const HINTS = "hints";
/** What the teacher's parameters are called; they stay. */
export const TEACHER = "teacher/";

interface Guide {
  /** The student's value with its tokens, [N, 1 + cells, width]. */
  readonly tokens: string;
  /** The teacher's map, [N, channels, h, w] with h·w cells. */
  readonly map: string;
}

/** Student and teacher on one image, with the distance between tokens and map as a further output. */
export function guided(student: Model, teacher: Model, { tokens, map }: Guide): Model {
  const own = canonicalize(student);
  const image = own.model.graph.inputs[0]?.name as string;
  const other = addPrefix(canonicalize(teacher).model, TEACHER, { keep: new Set([image]) }).graph;
  const { graph } = own.model;
  const both = withGraph(own.model, {
    nodes: [...other.nodes, ...graph.nodes],
    initializers: new Map([...other.initializers, ...graph.initializers]),
    valueInfo: [],
  });
  const b = createBuilder(both, inferShapes(both));
  b.output(
    b.scoped(HINTS, () => distance(b, tokens, TEACHER + map)),
    HINTS,
  );
  return b.build();
}

/** The student alone. */
export const withoutTeacher = (model: Model): Model =>
  removeDead(withGraph(model, { outputs: model.graph.outputs.filter(({ name }) => name !== HINTS) }));

/** Mean squared distance of a linear projection of the tokens from the map, in units of the map's own spread. */
function distance(b: GraphBuilder, tokens: string, map: string): string {
  const [, channels, height, width] = b.dims(map) as [number, number, number, number];
  const size = b.dims(tokens)[2] as number;
  const rows = b.op("Reshape", [map, b.ints([0, channels, height * width])]);
  const seen = b.op("Transpose", [rows], { perm: [0, 2, 1] });
  const mean = b.op("ReduceMean", [seen], { keepdims: 1 });
  const centred = b.op("Sub", [seen, mean]);
  const spread = b.op("Sqrt", [b.op("ReduceMean", [b.op("Mul", [centred, centred])], { keepdims: 1 })]);
  const patches = b.op("Slice", [tokens, b.ints([1]), b.ints([1 + height * width]), b.ints([1])]);
  const vector = (name: string, value: number): string =>
    b.tensor(floatTensor([size], new Float32Array(size).fill(value)), name);
  const normal = b.op("LayerNormalization", [patches, vector("scale", 1), vector("shift", 0)], { axis: -1 });
  const drawn = gaussians(size * channels, 17).map((z) => z / Math.sqrt(size));
  const projected = b.op("MatMul", [normal, b.tensor(floatTensor([size, channels], drawn), "projection")]);
  const bias = b.tensor(floatTensor([channels], new Float32Array(channels)), "bias");
  const difference = b.op("Sub", [b.op("Add", [projected, bias]), b.op("Div", [seen, spread])]);
  return b.op("ReduceMean", [b.op("Mul", [difference, difference])], { keepdims: 0 });
}
