// A batch of altered copies of one picture, made inside the graph: only the picture's own values and a list of channels are
// fed, and no batch goes through JavaScript.
import {
  BATCH,
  batchAxisOf,
  compose,
  createBuilder,
  dataTypeOf,
  type GraphBuilder,
  InternalError,
  type Model,
  type Shapes,
  type TypedModel,
} from "@snellen/graph";

/** int64 [N]: which channel each copy is altered by. */
export const CHANNELS = "snellen_channels";

/** Name of the input that takes what one picture has of a value. */
export const ofOnePicture = (value: string): string => `snellen_one_${value}`;

/**
 * Builds a value [N, …] out of that of one picture [1, …].
 * @param channels int64 [N]
 */
export type Alteration = (b: GraphBuilder, value: string, channels: string) => string;

/**
 * Replaces each input of a model by what one picture has of it, repeated to the number of `CHANNELS`, and alters some of them.
 * A model with a fixed batch gets whole batches of one picture instead: nothing is repeated.
 */
export function repeatPicture(
  { model, shapes }: TypedModel,
  altered: ReadonlyMap<string, Alteration>,
): TypedModel {
  const b = createBuilder(emptyModel(model), { ...shapes, probes: shapes.probes.map(() => new Map()) });
  const batch = shapes.batches.length > 1 ? BATCH : (shapes.batches[0] as number);
  const channels = b.input(CHANNELS, "int64", [batch]);
  const links = b.scoped("repeat", () =>
    model.graph.inputs.map(({ name }): [string, string] => {
      const dataType = dataTypeOf(shapes, name);
      if (dataType === undefined) throw new InternalError(`the type of "${name}" is not known`);
      const one = b.input(ofOnePicture(name), dataType, dimsOfOne(shapes, name));
      const many =
        altered.get(name)?.(b, one, channels) ?? repeated(b, one, channels, batchAxisOf(shapes, name));
      return [name, b.output(many)];
    }),
  );
  return compose({ model: b.build(), shapes: b.shapes }, { model, shapes }, new Map(links));
}

const emptyModel = ({ irVersion, opsets }: Model): Model => ({
  irVersion,
  opsets,
  graph: { name: "repeat", inputs: [], outputs: [], nodes: [], initializers: new Map(), valueInfo: [] },
  functions: [],
  metadata: new Map(),
  producer: "",
});

/** Dimensions for one picture; those of the file where its batch is fixed. */
function dimsOfOne({ batches, probes }: Shapes, name: string): number[] {
  const [first, second] = probes.map((types) => types.get(name)?.dims ?? []);
  const step = (batches[1] ?? 0) - (batches[0] ?? 0);
  return (first ?? []).map((d, axis) => {
    const grown = (second?.[axis] ?? d) - d;
    return grown === 0 ? d : grown / step;
  });
}

function repeated(b: GraphBuilder, one: string, channels: string, axis: number | undefined): string {
  if (axis === undefined) return one;
  const ones = (count: number) => (count === 0 ? [] : [b.ints(Array(count).fill(1))]);
  const parts = [...ones(axis), b.op("Shape", [channels]), ...ones(b.rank(one) - axis - 1)];
  return b.op("Expand", [one, b.op("Concat", parts, { axis: 0 })]);
}
