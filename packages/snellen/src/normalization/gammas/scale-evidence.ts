// Evidence by execution: what becomes of a network's scores when one γ (and its β) is doubled. Derived here.
// A γ whose scale a normalization takes off leaves them as they were.
import type { Model } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import type { ImageInput } from "../../images/image.ts";
import { preprocessedOf } from "../../images/preprocessed.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { ResidualAdd } from "../residual-adds.ts";
import type { ClassifiedGammas } from "./classify-gammas.ts";
import {
  type Cut,
  cutName,
  EVIDENCE,
  type EvidenceGraph,
  evidenceGraph,
  type Factor,
  inOrder,
} from "./evidence-graph.ts";
import { centredScores, relativeChange } from "./relative-change.ts";

/** A power of two scales floating-point numbers without rounding: what is invariant stays so to the last bit, but for ε. */
const FACTOR = 2;
/** Sessions that start further and further on: γ near the end are measured without running what lies before them. */
const SEGMENTS = 8;

export interface EvidenceOptions {
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface ScaleChange {
  /** With the γ (and β) doubled, at all places that share it. */
  readonly change: number;
  /** Of an open one: with the identity signal alone doubled, and not what goes into the branch. */
  readonly skipChange: number | undefined;
}

/**
 * Relative change of the scores for each γ when it is doubled: ‖y(2γ) − y‖ / ‖y‖ over all pictures, of scores without their mean
 * over the classes, which a Softmax does not see (but of single scores and before a Sigmoid as they are). BatchNormalization takes
 * the statistics of all pictures together (of each one where the model takes one at a time).
 * @param images one batch: 8 do
 * @returns one a γ, in their order; 0 is invariant, 1 as much change as there was score; NaN where all scores are 0
 */
export async function scaleChanges(
  model: VisionModel,
  classified: ClassifiedGammas,
  images: readonly ImageInput[],
  { onProgress, signal }: EvidenceOptions = {},
): Promise<ScaleChange[]> {
  const { gammas, graph } = classified;
  if (gammas.length === 0 || images.length === 0)
    return gammas.map(() => ({ change: Number.NaN, skipChange: undefined }));
  const own = gammas.map(({ places }) => places.map(({ output }): Factor => ({ value: output })));
  const skipOf = new Map<ResidualAdd, Factor>();
  const skips = gammas.map(({ places }) =>
    places.flatMap(({ open }): Factor[] => {
      if (open === undefined) return [];
      const factor = skipOf.get(open) ?? { value: open.skip, readers: open.nodes };
      skipOf.set(open, factor);
      return [factor];
    }),
  );
  const changeOf = await prepare(model, inOrder(graph.model, [...own.flat(), ...skipOf.values()]), {
    graph,
    images,
    signal,
  });
  const changes: ScaleChange[] = [];
  for (const [i, factors] of own.entries()) {
    const skip = skips[i] ?? [];
    changes.push({
      change: await changeOf(factors),
      skipChange: skip.length === 0 ? undefined : await changeOf(skip),
    });
    onProgress?.(i + 1, gammas.length);
  }
  return changes;
}

interface Setting {
  readonly graph: ClassifiedGammas["graph"];
  readonly images: readonly ImageInput[];
  readonly signal: AbortSignal | undefined;
}

/** Runs the network once as it is; what comes back runs it with some factors doubled, from the last cut before them on. */
async function prepare(
  model: VisionModel,
  factors: readonly Factor[],
  { graph, images, signal }: Setting,
): Promise<(doubled: readonly Factor[]) => Promise<number>> {
  const { logits, input, preprocessing } = model.info;
  const evidence = evidenceGraph(graph, logits, input.name, factors);
  const cuts = chooseCuts(evidence, factors.length);
  const pictures = images.map((image) => preprocessedOf(preprocessing.spec, image));
  const fed = (doubled: readonly Factor[]): Tensor =>
    new Tensor(
      "float32",
      Float32Array.from(factors, (f) => (doubled.includes(f) ? FACTOR : 1)),
      [factors.length],
    );
  const run = (key: string, build: () => Model, doubled: readonly Factor[]) =>
    model.run(`gamma-evidence ${key}`, build, pictures, () => ({ [EVIDENCE.factors]: fed(doubled) }), signal);
  const scoresOf = (results: readonly Readonly<Record<string, Tensor>>[]) =>
    results.map((result) => centredScores(logits, result[EVIDENCE.scores] as Tensor));
  const first = await run("all", () => evidence.withCuts(cuts), []);
  const plain = scoresOf(first);
  return async (doubled) => {
    signal?.throwIfAborted();
    const start = Math.min(...doubled.map((factor) => factors.indexOf(factor)));
    const cut = cuts.findLast(({ before }) => before <= start);
    const results =
      cut === undefined
        ? await run("whole", () => evidence.whole, doubled)
        : await runAfter(model, evidence, cut, first, fed(doubled));
    return relativeChange(plain, scoresOf(results));
  };
}

/** Runs the rest of the network from what the first run gave at a cut, batch by batch. */
const runAfter = (
  model: VisionModel,
  evidence: EvidenceGraph,
  cut: Cut,
  first: readonly Readonly<Record<string, Tensor>>[],
  factors: Tensor,
): Promise<Record<string, Tensor>[]> =>
  model.use(
    `gamma-evidence after ${cut.value}`,
    () => evidence.after(cut) ?? evidence.whole,
    async (session) => {
      const results: Record<string, Tensor>[] = [];
      for (const values of first) {
        const at = values[cutName(cut.value)] as Tensor;
        const feeds = { [cut.value]: at, [EVIDENCE.factors]: factors };
        results.push(
          await session.run(
            Object.fromEntries(session.inputNames.map((name) => [name, feeds[name] as Tensor])),
          ),
        );
      }
      return results;
    },
  );

/** One cut a segment, as near as there is to equal numbers of γ. */
function chooseCuts({ cuts, after }: EvidenceGraph, count: number): Cut[] {
  const chosen: Cut[] = [];
  for (let segment = 1; segment < SEGMENTS; segment++) {
    const wanted = (count * segment) / SEGMENTS;
    const [nearest] = cuts
      .filter(({ before }) => before > 0 && before <= wanted && before > (chosen.at(-1)?.before ?? 0))
      .sort((a, b) => b.before - a.before);
    if (nearest !== undefined && after(nearest) !== undefined) chosen.push(nearest);
  }
  return chosen;
}
