// The experiment behind PreLayerNorm (arXiv:2111.08413): CNNs and vision transformers under every corruption and along contrast
// enhancement, what the scale of colours does to z₀, what a calibrated PreLayerNorm changes, and the same of networks trained alike.
import { UsageError } from "@snellen/graph";
import { corruption } from "../../corruptions/index.ts";
import { conditionsOf } from "../../robustness/condition.ts";
import type { LossKind } from "../../robustness/figures/losses.ts";
import { createSubject } from "../../robustness/subject.ts";
import { piece } from "../study.ts";
import { type Refused, unlessRefused } from "../unless-refused.ts";
import { enhancementAgainst, lossesBetween, lossesOf, type NetworkSeries, networkSeries } from "./losses.ts";
import { type LeftOut, type MeasuredNetwork, measuredNetworks, type PreLayerNormTrial } from "./networks.ts";
import { type OutcomeStudy, observeAll } from "./outcomes.ts";
import type {
  DatasetResult,
  NetworkPair,
  NetworkResult,
  PreLayerNormExperiment,
  ScaleResult,
} from "./result.ts";
import { measureScales } from "./scales.ts";
import { trainWithPreLayerNorm } from "./train-networks.ts";
import { type PreLayerNormStudy, preLayerNormRegime } from "./training-effort.ts";

/** What the experiment on PreLayerNorm is given beside networks. */
export interface PreLayerNormOptions extends OutcomeStudy {
  /** Ids; contrast enhancement must be among them. */
  readonly corruptions: readonly string[];
  /** Without it nothing is trained, and what only trainings tell is not measured. */
  readonly training?: PreLayerNormStudy;
}

/**
 * Runs the experiment.
 * @throws UsageError `different-images` where networks of one data set have other images, or `input-too-small`; what running and
 *   reading throw
 */
export async function reproducePreLayerNorm(
  trials: readonly PreLayerNormTrial[],
  options: PreLayerNormOptions,
): Promise<PreLayerNormExperiment> {
  const datasets: DatasetResult[] = [];
  const groups = [...new Set(trials.map(({ dataset }) => dataset))].map((dataset) =>
    trials.filter((trial) => trial.dataset === dataset),
  );
  for (const group of groups) requireSameImages(group);
  for (const group of groups) datasets.push(await datasetResult(group, options));
  const { seed, training } = options;
  const trainings = training === undefined ? [] : await trainWithPreLayerNorm(training, options);
  const regime = training === undefined ? null : preLayerNormRegime(training);
  return { version: 1, seed, datasets, trainings, regime };
}

function requireSameImages(group: readonly PreLayerNormTrial[]): void {
  const [first, ...others] = group;
  const sources = ({ entries }: PreLayerNormTrial) => JSON.stringify(entries.map(({ source }) => source));
  const other = others.find((trial) => sources(trial) !== sources(first as PreLayerNormTrial));
  if (other === undefined) return;
  throw new UsageError("different-images", `${other.name} has other images than ${first?.name}.`, {
    where: `data set "${other.dataset}"`,
    hint: "Networks of one data set are compared on the same images: give each data set a name of its own.",
  });
}

async function datasetResult(
  trials: readonly PreLayerNormTrial[],
  options: PreLayerNormOptions,
): Promise<DatasetResult> {
  const [{ dataset, entries }] = trials as readonly [PreLayerNormTrial];
  const leftOut: LeftOut = { refused: [], skipped: [] };
  const { refused } = leftOut;
  const networks = await measuredNetworks(trials, leftOut, options.signal);
  const subjects = networks.map((own) =>
    createSubject(
      own.name,
      own.model,
      own.entries.map(({ label }) => label),
      "class",
    ),
  );
  const conditions = conditionsOf(options.corruptions);
  const plan = { dataset, subjects, entries, conditions };
  const { observations, skipped } = await observeAll(plan, options);
  const scales = new Map<string, readonly ScaleResult[]>();
  for (const network of networks.filter(({ kind }) => kind === "vit"))
    scales.set(network.name, (await scalesOf(network, refused, options)) ?? []);
  const corruptions = options.corruptions.map((id) => ({
    id,
    isImageNetC: corruption(id).imagenetC !== undefined,
  }));
  const ids = corruptions.filter(({ isImageNetC }) => isImageNetC).map(({ id }) => id);
  const seriesOf = (name: string, measure?: LossKind) => networkSeries(observations, name, measure);
  return {
    dataset,
    images: entries.length - skipped.length,
    calibrationImages: Math.max(0, ...networks.map(({ calibrated }) => calibrated?.images ?? 0)),
    corruptions,
    networks: networks.map((network) => ({
      ...resultOf(network, seriesOf(network.name), ids),
      scales: scales.get(network.name) ?? [],
    })),
    pairs: given(networks, "vit").flatMap((vit) =>
      given(networks, "cnn").map((cnn) => pairOf(vit.name, cnn.name, seriesOf, ids)),
    ),
    calibrations: networks.flatMap(({ name, calibrated }) =>
      calibrated === null ? [] : [pairOf(name, calibrated.of, seriesOf, ids)],
    ),
    refused,
    skipped: [...leftOut.skipped, ...skipped],
  };
}

const given = (networks: readonly MeasuredNetwork[], kind: "vit" | "cnn"): MeasuredNetwork[] =>
  networks.filter((network) => network.calibrated === null && network.kind === kind);

const resultOf = (
  { model: _, entries: __, ...facts }: MeasuredNetwork,
  series: NetworkSeries,
  ids: readonly string[],
): Omit<NetworkResult, "scales"> => ({
  ...facts,
  ...lossesOf(series, ids),
  enhancementAgainstOthers: enhancementAgainst(series, ids),
});

/** Of predictions changed where one of them has no labels. */
function pairOf(
  first: string,
  second: string,
  seriesOf: (name: string, measure?: LossKind) => NetworkSeries,
  ids: readonly string[],
): NetworkPair {
  const both = [seriesOf(first), seriesOf(second)] as const;
  const measure = both.every((own) => own.measure === "accuracy") ? "accuracy" : "agreement";
  const [a, b] = both.map((own, i) =>
    own.measure === measure ? own : seriesOf(i === 0 ? first : second, measure),
  ) as [NetworkSeries, NetworkSeries];
  return { first, second, ...lossesBetween(a, b, ids) };
}

async function scalesOf(
  { name, model, entries }: MeasuredNetwork,
  refused: Refused[],
  options: PreLayerNormOptions,
): Promise<readonly ScaleResult[] | undefined> {
  const { signal, batch, onProgress } = options;
  return await unlessRefused(`${name}, scale of colours`, refused, () =>
    piece(options, `scales ${name}`, () =>
      measureScales(model, entries, {
        signal,
        batch,
        onProgress: (done) => onProgress?.(`${name}, scale of colours`, done),
      }),
    ),
  );
}
