// Runs models on images under every condition: decodes once, corrupts ahead of the runtime, and hands over each outcome as soon
// as it is known. Images come in batches, and each batch meets all conditions before the next, so that memory stays bounded.
import { UsageError } from "@snellen/graph";
import { requireSides, SIDES } from "../corruptions/corrupt.ts";
import type { Corruptor } from "../corruptions/corruptor.ts";
import type { Image, ImageInput } from "../images/image.ts";
import { fitImage } from "../images/preprocess.ts";
import type { PreprocessSpec } from "../images/preprocess-spec.ts";
import { requirePixels } from "../images/require-pixels.ts";
import { type SkippedImage, type Source, streamInOrder, unlessUnreadable } from "../images/stream.ts";
import { fitted } from "../vision-model/fitted.ts";
import { CLEAN, type Condition } from "./condition.ts";
import type { Observation, Observations } from "./observations.ts";
import { createObserver, type Observe, type ShownImage, type Subject } from "./subject.ts";

/** Where a picture is corrupted: `input`, as the network gets it (resized and cropped, as ImageNet-C), or `picture`, before. */
export type CorruptedAt = "input" | "picture";

/** Which models are run on which images under which conditions. */
export interface RobustnessPlan {
  readonly subjects: readonly Subject[];
  /** All images; a run may be on some. */
  readonly entries: readonly Source<ImageInput>[];
  /** Places in `entries` of the images that are run. */
  readonly images: readonly number[];
  readonly conditions: readonly Condition[];
  readonly seed: number;
  /** Images run at a time. */
  readonly batch: number;
  readonly at: CorruptedAt;
}

/** What a run works with, and whom it tells what. */
export interface RobustnessRun {
  readonly corruptor: Corruptor;
  /** Gets every outcome; what it has already is not run again. */
  readonly observations: Observations;
  /** Called with a model's outcomes under a condition, a batch at a time, before they are recorded. */
  readonly onOutcomes?: (
    subject: Subject,
    condition: Condition,
    outcomes: readonly Observation[],
  ) => Promise<void>;
  readonly onSkip: (skipped: SkippedImage) => void;
  /** Called with the share done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs all models on the plan's images under all its conditions. Outcomes are recorded as soon as they are known, and those that
 * are there already are not made again.
 * @throws UsageError `input-too-small` for networks whose input is below what corruptions take; what running a model throws
 */
export async function runRobustness(plan: RobustnessPlan, run: RobustnessRun): Promise<void> {
  const views = viewsOf(plan);
  const total = plan.images.length * plan.conditions.length * views.length;
  let done = 0;
  const observers = new Map(
    views.flatMap(({ subjects }) => subjects.map((subject) => [subject, createObserver(subject)])),
  );
  const stream = streamInOrder(unitsOf(plan, views, run), {
    prefetch: run.corruptor.width + 1,
    signal: run.signal,
  });
  for await (const { view, condition, shown, size } of stream) {
    for (const subject of view.subjects)
      await observe(subject, observers.get(subject) as Observe, condition, shown, run);
    done += size;
    run.onProgress?.(Math.min(1, done / total));
  }
}

/** Networks that see the same picture, so that it is corrupted once. */
interface View {
  readonly subjects: readonly Subject[];
  /** The picture as it is corrupted. */
  readonly fit: (image: Image) => Image;
}

function viewsOf({ subjects, at }: RobustnessPlan): View[] {
  if (at === "picture") return [{ subjects, fit: (image) => image }];
  const specs = new Map(
    subjects.map(({ model }) => [geometryOf(model.info.preprocessing.spec), model.info.preprocessing.spec]),
  );
  return [...specs].map(([geometry, spec]) => {
    const own = subjects.filter(({ model }) => geometryOf(model.info.preprocessing.spec) === geometry);
    requireInput(spec, own[0] as Subject);
    return {
      subjects: own.map((subject) => ({ ...subject, model: fitted(subject.model) })),
      fit: (image) => fitImage(image, spec),
    };
  });
}

const geometryOf = ({ size, resize, shortSide, interpolation, channels, padColor }: PreprocessSpec): string =>
  JSON.stringify([size, resize, shortSide, interpolation, channels === "gray", padColor]);

function requireInput({ size }: PreprocessSpec, { name }: Subject): void {
  if (Math.min(...size) >= SIDES.least) return;
  throw new UsageError(
    "input-too-small",
    `its input of ${size.join("x")} is too small for corruptions, which take ${SIDES.least}x${SIDES.least} and more.`,
    { where: name, hint: "With --at picture the pictures are corrupted before they are resized." },
  );
}

/** A batch of images under one condition. */
interface Unit {
  readonly view: View;
  readonly condition: Condition;
  readonly shown: readonly ShownImage[];
  /** How much of the whole work it is. */
  readonly size: number;
}

function* unitsOf(plan: RobustnessPlan, views: readonly View[], run: RobustnessRun): Generator<Source<Unit>> {
  // whole pictures are as large as they come: a few of them are under way, not a few batches
  const batch = plan.at === "picture" ? 1 : plan.batch;
  for (let first = 0; first < plan.images.length; first += batch) {
    const images = plan.images.slice(first, first + batch);
    const read = once(() => readBatch(plan, images, run.onSkip));
    for (const view of views) {
      const fit = once(async () =>
        (await read()).map(({ image, picture }) => ({ image, picture: view.fit(picture) })),
      );
      for (const condition of plan.conditions) {
        const source = `images ${first + 1} to ${first + images.length}`;
        const wanted = wantedImages(view, condition, images, plan, run.observations);
        yield {
          source,
          read: async () => ({
            view,
            condition,
            size: images.length,
            shown:
              wanted.size === 0
                ? []
                : await shownUnder(
                    condition,
                    (await fit()).filter(({ image }) => wanted.has(image)),
                    plan.seed,
                    run,
                  ),
          }),
        };
      }
    }
  }
}

/** Images that somebody lacks the outcome of, or needs the output of to compare another one's with. */
function wantedImages(
  { subjects }: View,
  condition: Condition,
  images: readonly number[],
  { conditions }: RobustnessPlan,
  observations: Observations,
): ReadonlySet<number> {
  const lacks = (subject: Subject, image: number, wanted: Condition) =>
    !observations.has(subject.name, wanted, image);
  const isWanted = (subject: Subject, image: number) =>
    lacks(subject, image, condition) ||
    (condition === CLEAN &&
      subject.outcome === "agreement" &&
      conditions.some((other) => lacks(subject, image, other)));
  return new Set(images.filter((image) => subjects.some((subject) => isWanted(subject, image))));
}

interface ReadImage {
  readonly image: number;
  readonly picture: Image;
}

async function readBatch(
  { entries, at }: RobustnessPlan,
  images: readonly number[],
  onSkip: RobustnessRun["onSkip"],
): Promise<ReadImage[]> {
  const found: ReadImage[] = [];
  for (const image of images) {
    const { source, read } = entries[image] as Source<ImageInput>;
    const usable = async () => {
      const picture = requirePixels(await read());
      if (at === "picture") requireSides(picture);
      return picture;
    };
    const picture = await unlessUnreadable(source, usable, onSkip);
    if (picture !== undefined) found.push({ image, picture });
  }
  return found;
}

async function shownUnder(
  condition: Condition,
  images: readonly ReadImage[],
  seed: number,
  { corruptor, signal }: RobustnessRun,
): Promise<readonly ShownImage[]> {
  if (condition === CLEAN || images.length === 0) return images;
  const pictures = images.map(({ picture }) => picture);
  const corrupted = await corruptor.corrupt(pictures, { ...condition, seed }, signal);
  return images.map(({ image }, i) => ({ image, picture: corrupted[i] as Image }));
}

async function observe(
  subject: Subject,
  outcomesOf: Observe,
  condition: Condition,
  shown: readonly ShownImage[],
  { observations, onOutcomes, signal }: RobustnessRun,
): Promise<void> {
  const isMissing = ({ image }: { image: number }) => !observations.has(subject.name, condition, image);
  const isClean = condition === CLEAN;
  // known or not, clean outputs are what others are compared with
  const wanted = isClean && subject.outcome === "agreement" ? shown : shown.filter(isMissing);
  if (wanted.length === 0) return;
  signal?.throwIfAborted();
  const outcomes = (await outcomesOf(wanted, isClean, signal)).filter(isMissing);
  await onOutcomes?.(subject, condition, outcomes);
  observations.record(subject.name, condition, outcomes);
}

/** What a function gives, made when first asked for. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
