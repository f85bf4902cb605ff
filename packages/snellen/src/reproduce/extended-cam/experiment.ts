// The experiment behind Extended-CAM (arXiv:2001.05153): do Gaussian upsampling, conservation and accuracy hold here?
// Options are chosen on one half of the images, everything is reported on the other; results are stated as they fall.
import { ImageError, UsageError } from "@snellen/graph";
import type { Measure } from "../../cam/measures/measure.ts";
import { type PairedDifference, pairedDifference } from "../../cam/measures/statistics.ts";
import { camMethods } from "../../cam/methods/index.ts";
import type { ReadMask } from "../../cam/objects.ts";
import {
  CONSERVATION,
  type Configuration,
  type ConfigurationScores,
  configurations,
  possible,
  type StudyRow,
  scoreBy,
  studyImage,
  summarizeStudy,
  valuesOf,
} from "../../cam/study.ts";
import type { ImageInput } from "../../images/image.ts";
import { type Source, skipReason, unlessUnreadable } from "../../images/stream.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";

/** One network on one set of images. */
export interface Trial {
  readonly name: string;
  readonly model: VisionModel;
  readonly entries: readonly Source<ImageInput>[];
}

export interface ExperimentOptions {
  /** Without it, masks are not looked at. */
  readonly readMask?: ReadMask;
  readonly seed: number;
  readonly measures: readonly Measure[];
  readonly signal?: AbortSignal;
  /** Rows of an image that were made before, by key; undefined when they must be made. */
  readonly recall?: (key: string) => readonly StudyRow[] | undefined;
  readonly keep?: (key: string, rows: readonly StudyRow[]) => Promise<void>;
  readonly onProgress?: (step: string, done: number) => void;
}

const METHOD = "extended-cam";

/** The options that Extended-CAM leaves open, every combination. */
const OPTIONS: readonly Configuration[] = (["gradient", "homogeneous"] as const).flatMap((head) =>
  (["spread", "none"] as const).flatMap((remainder) =>
    [0.25, 0.5, 0.75, 1, 1.5].map((sigma) => ({
      name: `head ${head}, remainder ${remainder}, sigma ${sigma}`,
      method: METHOD,
      upsampling: "gaussian",
      options: { head, remainder, sigma },
    })),
  ),
);

/** Methods beside Extended-CAM: those of one run; the others take minutes an image. */
const OTHERS = camMethods.filter(({ id, kind }) => kind !== "channels" && id !== METHOD).map(({ id }) => id);

export interface TrialResult {
  readonly name: string;
  readonly images: { readonly development: number; readonly test: number };
  /** Scores of every combination of options on the development half. */
  readonly options: readonly ConfigurationScores[];
  /** Mean rank of each combination over the measures, 1 is best. */
  readonly ranks: readonly { readonly name: string; readonly rank: number }[];
  /** On the test half. */
  readonly scores: readonly ConfigurationScores[];
  /** Extended-CAM minus another way of making maps, image by image. */
  readonly against: readonly Comparison[];
  /** Gaussian minus bilinear upsampling of one method. */
  readonly upsampling: readonly Comparison[];
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
  /** Images of either half that could not be used; they are not among `images`. */
  readonly skipped: readonly Skipped[];
}

export interface Skipped {
  readonly source: string;
  readonly reason: string;
}

export interface Comparison {
  readonly first: string;
  readonly second: string;
  readonly measure: string;
  readonly better: "higher" | "lower";
  readonly difference: PairedDifference;
}

/** What the experiment on Extended-CAM (arXiv:2001.05153) found. Plain data. */
export interface ExperimentResult {
  readonly version: 1;
  readonly seed: number;
  readonly measures: readonly {
    readonly id: string;
    readonly title: string;
    readonly better: "higher" | "lower";
  }[];
  /** The combination of options of the best mean rank over all trials' development halves. */
  readonly chosen: Configuration;
  readonly trials: readonly TrialResult[];
}

/**
 * Runs the experiment.
 * @throws UsageError `too-few-images` for less than two images of a network, `no-spatial-layer`;
 *   ImageError `no-readable-image` where none of a half can be used
 */
export async function reproduceExtendedCam(
  trials: readonly Trial[],
  options: ExperimentOptions,
): Promise<ExperimentResult> {
  const { measures, seed } = options;
  trials.forEach(requireHalves);
  const developed: Developed[] = [];
  for (const trial of trials) {
    const half = await scoredHalf(trial, halves(trial).development, OPTIONS, "options", options);
    const scores = summarizeStudy(half.rows, OPTIONS, measures, seed);
    developed.push({ trial, half, scores, ranks: ranksOf(scores, measures) });
  }
  const chosen = bestOf(developed.map(({ ranks }) => ranks));
  const results: TrialResult[] = [];
  for (const one of developed) results.push(await tested(one, chosen, options));
  return {
    version: 1,
    seed,
    measures: measures.map(({ id, title, better }) => ({ id, title, better })),
    chosen,
    trials: results,
  };
}

/** Of a half without images nothing could be chosen or reported. @throws UsageError `too-few-images` */
function requireHalves({ name, entries }: Trial): void {
  if (entries.length >= 2) return;
  throw new UsageError(
    "too-few-images",
    `${entries.length} images of ${name}, where two halves are needed.`,
    {
      where: "--images",
      hint: "Give at least two whose objects are annotated (annotations.json beside them), and --limit 2 or more.",
    },
  );
}

/** Every other image each, so that both halves hold the same classes. */
const halves = ({ entries }: Trial) => ({
  development: entries.filter((_, i) => i % 2 === 0),
  test: entries.filter((_, i) => i % 2 === 1),
});

interface Half {
  /** How many images could be used. */
  readonly images: number;
  readonly rows: readonly StudyRow[];
  readonly skipped: readonly Skipped[];
}

interface Developed {
  readonly trial: Trial;
  readonly half: Half;
  readonly scores: readonly ConfigurationScores[];
  readonly ranks: ReturnType<typeof ranksOf>;
}

/** @throws ImageError `no-readable-image` */
async function scoredHalf(
  trial: Trial,
  entries: readonly Source<ImageInput>[],
  wanted: readonly Configuration[],
  step: string,
  { measures, readMask, seed, signal, recall, keep, onProgress }: ExperimentOptions,
): Promise<Half> {
  const rows: StudyRow[] = [];
  const skipped: Skipped[] = [];
  const study = async (read: () => Promise<ImageInput>) =>
    await studyImage(trial.model, await read(), {
      configurations: wanted,
      measures,
      readMask,
      seed,
      signal,
    });
  for (const [i, { source, read }] of entries.entries()) {
    signal?.throwIfAborted();
    const key = `${trial.name} ${step} ${source}`;
    const known = recall?.(key);
    const made =
      known ??
      (await unlessUnreadable(
        source,
        () => study(read),
        (image) => skipped.push({ source, reason: skipReason(image) }),
      ));
    if (known === undefined && made !== undefined) await keep?.(key, made);
    rows.push(...(made ?? []));
    onProgress?.(`${trial.name}, ${step}`, (i + 1) / entries.length);
  }
  if (skipped.length === entries.length)
    throw new ImageError(
      "no-readable-image",
      `none of the ${entries.length} images of a half of ${trial.name} could be used.`,
      { where: "--images", hint: `The first: ${skipped[0]?.reason}` },
    );
  return { images: entries.length - skipped.length, rows, skipped };
}

/**
 * Measures that do not choose: a map that covers everything has no average drop, so that it would choose the widest kernels
 * (the objection of Poppi et al., arXiv:2104.10252).
 */
const NOT_CHOSEN_BY: ReadonlySet<string> = new Set(["average-drop"]);

/** Mean rank of each configuration over the measures that have a value; equal values share their rank. */
function ranksOf(scores: readonly ConfigurationScores[], measures: readonly Measure[]) {
  const known = measures.filter(
    ({ id }) => !NOT_CHOSEN_BY.has(id) && scores.every((s) => meanOf(s, id) !== undefined),
  );
  return scores.map((own) => {
    const ranks = known.map(({ id, better }) => {
      const sign = better === "higher" ? -1 : 1;
      const value = sign * (meanOf(own, id) as number);
      const others = scores.map((s) => sign * (meanOf(s, id) as number));
      return 1 + others.filter((v) => v < value).length + (others.filter((v) => v === value).length - 1) / 2;
    });
    return { name: own.configuration.name, rank: ranks.reduce((sum, r) => sum + r, 0) / ranks.length };
  });
}

const meanOf = (scores: ConfigurationScores, id: string): number | undefined => scoreBy(scores, id)?.mean;

function bestOf(ranks: readonly ReturnType<typeof ranksOf>[]): Configuration {
  // where no measure has a value, no option is better than another
  const judged = ranks.filter((list) => list.every(({ rank }) => !Number.isNaN(rank)));
  const total = (name: string) =>
    judged.reduce((sum, list) => sum + (list.find((r) => r.name === name)?.rank ?? 0), 0);
  return [...OPTIONS].sort((a, b) => total(a.name) - total(b.name))[0] as Configuration;
}

async function tested(
  { trial, half, scores, ranks }: Developed,
  chosen: Configuration,
  options: ExperimentOptions,
): Promise<TrialResult> {
  const { measures, seed } = options;
  const upsamplings = ["bilinear", "gaussian"];
  const own = upsamplings.map((upsampling) => ({ ...chosen, upsampling, name: `${METHOD} ${upsampling}` }));
  const { allowed, refused } = possible(trial.model, [
    ...configurations(OTHERS, upsamplings, { seed, sigma: chosen.options.sigma }),
    ...own,
  ]);
  const test = await scoredHalf(trial, halves(trial).test, allowed, `test ${chosen.name}`, options);
  const { rows } = test;
  const compare = (first: string, second: string): Comparison[] =>
    [...measures, { id: CONSERVATION.map, better: "lower" as const }].map(({ id, better }) => ({
      first,
      second,
      measure: id,
      better,
      difference: pairedDifference(valuesOf(rows, first, id), valuesOf(rows, second, id), { seed }),
    }));
  const best = `${METHOD} gaussian`;
  const both = allowed.filter(
    ({ method, upsampling }) =>
      upsampling === "gaussian" && allowed.some((c) => c.method === method && c.upsampling === "bilinear"),
  );
  return {
    name: trial.name,
    images: { development: half.images, test: test.images },
    options: scores,
    ranks,
    scores: summarizeStudy(rows, allowed, measures, seed),
    against: allowed.filter(({ name }) => name !== best).flatMap(({ name }) => compare(best, name)),
    upsampling: both.flatMap(({ method, name }) => compare(name, `${method} bilinear`)),
    refused,
    skipped: [...half.skipped, ...test.skipped],
  };
}
