// What methods share that weigh channels by running a network again and again on one picture: the scored model, what is read
// of the picture itself, and the runs in batches.
import { createBuilder, type Model, removeDead, type TypedModel, withGraph } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { classScores } from "../../vision-model/class-scores.ts";
import { CAM } from "../cam-graph.ts";
import { toFeatureMap } from "../feature-map.ts";
import { feedsOf } from "../target-feeds.ts";
import { bytesPerPicture } from "./bytes-per-picture.ts";
import type { ChannelProbe } from "./channel-probe.ts";
import { CHANNELS, ofOnePicture } from "./repeat-picture.ts";

const SCORE = "snellen_score";
const FEATURES = "snellen_features";

type Fed = Readonly<Record<string, Tensor>>;

/** Values held by one run stay below this, weights aside. */
const MEMORY = 64 * 2 ** 20;

/** More pictures than this at once gain nothing. */
const LARGEST_BATCH = 256;

export interface ScoredModel extends TypedModel {
  /** The value that holds the class that the target is about, int64 [N]; no output. */
  readonly index: string;
}

/** The model up to the target's score, float32 [N], with the target's inputs behind its own. */
export function scoredModel({ model: { info: described }, target: { kind } }: ChannelProbe): ScoredModel {
  const b = createBuilder(withGraph(described.model, { outputs: [] }), described.shapes);
  return b.scoped("channels", () => {
    const scores = classScores(b, described.logits);
    const batch = b.dims(scores)[0] as number;
    const inputs = kind.inputs.map(({ name, dataType, dims }) =>
      b.input(CAM.target(0, name), dataType, [batch, ...dims]),
    );
    const { score, index } = kind.build({ b, described, scores }, inputs);
    b.output(score, SCORE);
    return { model: b.build(), shapes: b.shapes, index };
  });
}

/** What the network makes of the picture as it is. */
export interface Unaltered {
  /** The feature map, a row-major grid for each channel. */
  readonly maps: readonly Float32Array[];
  /** Feeds of `repeatPicture`: values of the picture and the target's inputs, settled on what the picture shows. */
  readonly feeds: Fed;
}

/**
 * Runs the network once.
 * @param scored what `scoredModel` made
 * @param inputs of the model that is repeated: values of the scored model, and the target's inputs
 */
export async function readUnaltered(
  probe: ChannelProbe,
  scored: ScoredModel,
  inputs: readonly string[],
): Promise<Unaltered> {
  const { model, layer, image, target, signal } = probe;
  const { kind } = target;
  const copies = model.info.batch.fixed ?? 1;
  const given = new Set(kind.inputs.map(({ name }) => CAM.target(0, name)));
  const values = inputs.filter((name) => !given.has(name));
  const wanted = target.feed(image);
  const fed = feedsOf(kind, Array(copies).fill(wanted), (name) => CAM.target(0, name));
  const [found] = await model.run(
    graphKey(probe, `unaltered ${JSON.stringify(values)}`),
    () => unalteredGraph(probe, scored, values),
    Array(copies).fill(image),
    () => fed,
    signal,
  );
  const outputs = found as Record<string, Tensor>;
  const cells = layer.layout.grid[0] * layer.layout.grid[1];
  const features = outputs[FEATURES]?.data as Float32Array;
  const scores = outputs[CAM.logits]?.data as Float32Array;
  const logits = scores.subarray(0, model.info.logits.classes);
  const classIndex = Number(outputs[CAM.chosen(0)]?.data[0]);
  const settled = kind.settle?.(wanted, { logits, classIndex }) ?? wanted;
  const own = values.map((value): [string, Tensor] => {
    const name = ofOnePicture(value);
    return [name, outputs[name] as Tensor];
  });
  return {
    maps: Array.from({ length: layer.channels }, (_, k) => features.subarray(k * cells, (k + 1) * cells)),
    feeds: {
      ...Object.fromEntries(own),
      ...feedsOf(kind, Array(copies).fill(settled), (name) => ofOnePicture(CAM.target(0, name))),
    },
  };
}

function unalteredGraph(
  { model: { info }, layer, target: { kind } }: ChannelProbe,
  scored: ScoredModel,
  values: readonly string[],
): Model {
  const taken = [info.input.name, ...kind.inputs.map(({ name }) => CAM.target(0, name))];
  const inputs = scored.model.graph.inputs.filter(({ name }) => taken.includes(name));
  const b = createBuilder(withGraph(scored.model, { inputs, outputs: [] }), scored.shapes);
  return b.scoped("channels", () => {
    for (const value of values) b.output(value, ofOnePicture(value));
    b.output(toFeatureMap(b, layer.value, layer.layout), FEATURES);
    b.output(classScores(b, info.logits), CAM.logits);
    b.output(scored.index, CAM.chosen(0));
    return removeDead(b.build());
  });
}

/** Names a graph for the session pool. */
const graphKey = ({ layer, target: { kind } }: ChannelProbe, use: string): string =>
  JSON.stringify([use, layer.value, kind.id, kind.key]);

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
