// Runs a model with onnxruntime-node, for tests: tensors are plain arrays of numbers in double precision.
// One thread, no spinning: the suite runs on two cores beside other work.
import { type DataType, type Model, serializeModel, toNumber, typedArrayOf } from "@snellen/graph";
import { InferenceSession, Tensor } from "onnxruntime-node";

export interface Values {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

export type Feeds = Readonly<Record<string, Values & { readonly dataType: DataType }>>;

export interface RunnableModel {
  run(feeds: Feeds): Promise<Readonly<Record<string, Values>>>;
  release(): Promise<void>;
}

export async function openModel(model: Model): Promise<RunnableModel> {
  const session = await InferenceSession.create(serializeModel(model), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  return {
    async run(feeds) {
      const inputs = Object.fromEntries(
        session.inputNames.map((name) => {
          const feed = feeds[name];
          if (feed === undefined) throw new Error(`no values for input "${name}"`);
          return [name, toOrt(feed)];
        }),
      );
      const outputs = await session.run(inputs);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, t]) => [name, { dims: t.dims, data: numbersOf(t) }]),
      );
    },
    release: () => session.release(),
  };
}

function toOrt({ dataType, dims, data }: Feeds[string]): Tensor {
  const ArrayType = typedArrayOf(dataType);
  if (ArrayType === undefined) throw new Error(`tests do not feed ${dataType}`);
  const values =
    dataType === "int64"
      ? BigInt64Array.from(data, (v) => BigInt(v))
      : (ArrayType as typeof Float32Array).from(data);
  return new Tensor(dataType as "float32", values as Float32Array, dims);
}

const numbersOf = (tensor: { data: unknown }): number[] =>
  Array.from(tensor.data as ArrayLike<number | bigint>, toNumber);
