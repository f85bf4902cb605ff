// What methods share that weigh channels by running a network again and again on one picture: the scored model, what is read
// of the picture itself, and the runs in batches.
import { createBuilder, type Model, removeDead, type TypedModel, withGraph } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { classScores } from "../vision-model/class-scores.ts";
import { withRanksOf } from "./augment.ts";
import { bytesPerPicture } from "./bytes-per-picture.ts";
import { CAM } from "./cam-graph.ts";
import type { ChannelProbe } from "./channel-probe.ts";
import { toFeatureMap } from "./feature-map.ts";
import { CHANNELS, ofOnePicture } from "./repeat-picture.ts";
import type { TargetInput } from "./targets/target.ts";

const SCORE = "snellen_score";
const FEATURES = "snellen_features";

type Fed = Readonly<Record<string, Tensor>>;

/** Values held by one run stay below this, weights aside. */
const MEMORY = 64 * 2 ** 20;

/** More pictures than this at once gain nothing. */
const LARGEST_BATCH = 256;

/** The model up to the target's score, float32 [N], with the target's inputs behind its own. */
export function scoredModel({ model: { info: described }, target: { kind } }: ChannelProbe): TypedModel {
  const b = createBuilder(withGraph(described.model, { outputs: [] }), described.shapes);
  return b.scoped("channels", () => {
    const scores = classScores(b, described.logits);
    const batch = b.dims(scores)[0] as number;
    const inputs = kind.inputs.map(({ name, dataType, dims }) =>
      b.input(CAM.target(0, name), dataType, [batch, ...dims]),
    );
    b.output(kind.build({ b, described, scores }, inputs).score, SCORE);
    return { model: b.build(), shapes: b.shapes };
  });
}

/** What the network makes of the picture as it is. */
export interface Unaltered {
  /** The feature map, a row-major grid for each channel. */
  readonly maps: readonly Float32Array[];
  /** Feeds of `repeatPicture`: values of the picture and the target's inputs, ranks replaced by the classes that have them. */
  readonly feeds: Fed;
}

/**
 * Runs the network once.
 * @param scored what `scoredModel` made
 * @param inputs of the model that is repeated: values of the scored model, and the target's inputs
 */
export async function readUnaltered(
  probe: ChannelProbe,
  scored: TypedModel,
  inputs: readonly string[],
): Promise<Unaltered> {
  const { model, layer, image, target, signal } = probe;
  const copies = model.info.batch.fixed ?? 1;
  const given = new Set(target.kind.inputs.map(({ name }) => CAM.target(0, name)));
  const values = inputs.filter((name) => !given.has(name));
  const [found] = await model.run(
    graphKey(probe, `unaltered ${values.join()}`),
    () => unalteredGraph(probe, scored, values),
    Array(copies).fill(image),
    undefined,
    signal,
  );
  const outputs = found as Record<string, Tensor>;
  const cells = layer.layout.grid[0] * layer.layout.grid[1];
  const features = outputs[FEATURES]?.data as Float32Array;
  const logits = outputs[CAM.logits]?.data as Float32Array;
  const ranked = withRanksOf(
    target,
    new Map([[image.source, logits.subarray(0, model.info.logits.classes)]]),
  );
  const wanted = ranked.feed(image).map((numbers, i): [string, Tensor] => {
    const { name, dataType, dims } = target.kind.inputs[i] as TargetInput;
    const all = Array.from({ length: copies }, () => numbers).flat();
    const data = dataType === "int64" ? BigInt64Array.from(all, BigInt) : Float32Array.from(all);
    return [ofOnePicture(CAM.target(0, name)), new Tensor(dataType, data as never, [copies, ...dims])];
  });
  const own = values.map((value): [string, Tensor] => {
    const name = ofOnePicture(value);
    return [name, outputs[name] as Tensor];
  });
  return {
    maps: Array.from({ length: layer.channels }, (_, k) => features.subarray(k * cells, (k + 1) * cells)),
    feeds: Object.fromEntries([...own, ...wanted]),
  };
}

function unalteredGraph(
  { model: { info }, layer }: ChannelProbe,
  scored: TypedModel,
  values: readonly string[],
): Model {
  const inputs = scored.model.graph.inputs.filter(({ name }) => name === info.input.name);
  const b = createBuilder(withGraph(scored.model, { inputs, outputs: [] }), scored.shapes);
  return b.scoped("channels", () => {
    for (const value of values) b.output(value, ofOnePicture(value));
    b.output(toFeatureMap(b, layer.value, layer.layout), FEATURES);
    b.output(classScores(b, info.logits), CAM.logits);
    return removeDead(b.build());
  });
}

/** Names a graph for the session pool. */
const graphKey = ({ layer, target: { kind } }: ChannelProbe, use: string): string =>
  `${use} ${layer.value} ${kind.id}${kind.key ?? ""}`;

/**
 * The target's score of each altered copy, in batches, whose pictures must not see one another. A fixed batch is filled up.
 * @param id tells methods apart
 * @param repeated what `repeatPicture` made
 */
export async function scoresOfChannels(
  probe: ChannelProbe,
  id: string,
  repeated: TypedModel,
  feeds: Fed,
  channels: readonly number[],
): Promise<Float32Array> {
  const { model, signal, onProgress } = probe;
  const { fixed } = model.info.batch;
  const size = fixed ?? batchSize(repeated);
  const scores = new Float32Array(channels.length);
  await model.use(
    graphKey(probe, id),
    () => repeated.model,
    async (session) => {
      for (let first = 0; first < channels.length; first += size) {
        signal?.throwIfAborted();
        const part = channels.slice(first, first + size);
        const fed = Array.from({ length: fixed ?? part.length }, (_, i) =>
          BigInt(part[i] ?? channels[0] ?? 0),
        );
        const index = new Tensor("int64", BigInt64Array.from(fed), [fed.length]);
        const { [SCORE]: found } = await session.run({ ...feeds, [CHANNELS]: index });
        scores.set(((found as Tensor).data as Float32Array).subarray(0, part.length), first);
        onProgress?.(Math.min(1, (first + size) / channels.length));
      }
    },
  );
  return scores;
}

const batchSize = (repeated: TypedModel): number =>
  Math.max(1, Math.min(LARGEST_BATCH, Math.floor(MEMORY / bytesPerPicture(repeated))));
