// A model that is examined for robustness: what is observed of it, and how an observation is made from a batch of pictures.
import { createBuilder, type Model, removeDead } from "@snellen/graph";
import { probabilityOf } from "../cam/measures/probability.ts";
import { labelIndexOf } from "../cam/targets/class-reference.ts";
import type { ImageInput, ImageLabel } from "../images/image.ts";
import { asFloat } from "../vision-model/as-float.ts";
import { positionCount } from "../vision-model/class-scores.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { Prediction, VisionModel } from "../vision-model/vision-model.ts";
import { outputAgreement } from "./agreement.ts";
import type { AgreementObservation, ClassObservation, Observation, ObservedModel } from "./observations.ts";

/** A model that is examined for robustness, with the true class of each image. */
export interface Subject extends ObservedModel {
  readonly model: VisionModel;
  /** Index of an image's true class among the model's own; undefined where it is not known. */
  readonly labels: readonly (number | undefined)[];
}

/** An image's place in the list, and its picture under some condition. */
export interface ShownImage {
  readonly image: number;
  readonly picture: ImageInput;
}

/**
 * A model to be examined, with the images' labels as classes of its own.
 * @param name what tables call it
 * @param labels of the images in the list, as the model's classes are called
 * @param outcome default: classes, but the whole output where it has several positions or is named as an embedding, and no image
 *   has a label
 */
export function createSubject(
  name: string,
  model: VisionModel,
  labels: readonly ImageLabel[],
  outcome?: ObservedModel["outcome"],
): Subject {
  const { info } = model;
  const indices = labels.map((label) => classOf(info, label));
  const isLabelled = indices.some((index) => index !== undefined);
  return {
    name,
    model,
    classes: Math.max(info.logits.classes, 2),
    labels: indices,
    outcome: outcome ?? (isLabelled || !hasManyParts(info) ? "class" : "agreement"),
  };
}

/** A single score tells two classes apart, 0 and 1. */
const hasOneScore = ({ logits }: DescribedModel): boolean =>
  logits.classes === 1 && positionCount(logits) === 1;

function classOf(info: DescribedModel, label: ImageLabel): number | undefined {
  const { classIndex } = label;
  if (hasOneScore(info)) return classIndex === 0 || classIndex === 1 ? classIndex : undefined;
  return labelIndexOf(info, { ...label, source: "" });
}

/** What outputs are called that hold no scores of classes. */
const EMBEDDING = /embed|feature|pool|hidden|represent/i;

const hasManyParts = ({ logits, labels }: DescribedModel): boolean =>
  positionCount(logits) > 1 || (labels.names === undefined && EMBEDDING.test(logits.output));

/** Gives a model's outcomes for pictures under one condition. */
export type Observe = (
  shown: readonly ShownImage[],
  isClean: boolean,
  signal?: AbortSignal,
) => Promise<Observation[]>;

/**
 * Whole outputs are compared with those of the clean pictures, which it must be given first; the next clean pictures take their
 * place. @throws (when it observes) ModelError `nan-logits`
 */
export function createObserver(subject: Subject): Observe {
  let clean: ReadonlyMap<number, Float32Array> = new Map();
  return async (shown, isClean, signal) => {
    if (subject.outcome === "class") return await observeClasses(subject, shown, signal);
    const outputs = await wholeOutputs(subject, shown, signal);
    if (isClean) clean = new Map(shown.map(({ image }, i) => [image, outputs[i] as Float32Array]));
    return observeAgreement(subject, shown, outputs, clean);
  };
}

/** What a classifier makes of pictures. */
async function observeClasses(
  { model, labels }: Subject,
  shown: readonly ShownImage[],
  signal?: AbortSignal,
): Promise<ClassObservation[]> {
  const outcomes = await model.predict(
    shown.map(({ picture }) => picture),
    { signal },
  );
  return shown.map(({ image }, i) => ({
    image,
    ...classOutcome(model.info, outcomes[i] as Prediction, labels[image]),
  }));
}

/** Digits of a probability that are kept: a journal's text gives back what was recorded. */
const DIGITS = 1e6;

const rounded = (probability: number): number => Math.round(probability * DIGITS) / DIGITS;

function classOutcome(info: DescribedModel, { logits, classIndex }: Prediction, label: number | undefined) {
  if (hasOneScore(info)) {
    const probability = probabilityOf(info, logits, 0);
    const predicted = Number(probability > 0.5);
    const confidence = rounded(Math.max(probability, 1 - probability));
    return { predicted, confidence, rank: label === undefined ? -1 : Number(label !== predicted) };
  }
  const confidence = rounded(probabilityOf(info, logits, classIndex));
  const own = label === undefined ? Number.NaN : (logits[label] as number);
  // of equal scores the lower index comes first, as in every ranking
  const rank = logits.reduce(
    (n, score, k) => n + Number(score > own || (score === own && k < (label ?? 0))),
    0,
  );
  return { predicted: classIndex, confidence, rank: label === undefined ? -1 : rank };
}

/** The whole outputs for pictures, one array each. */
export async function wholeOutputs(
  { model }: Subject,
  shown: readonly ShownImage[],
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const pictures = shown.map(({ picture }) => picture);
  const runs = await model.run("whole output", () => outputGraph(model.info), pictures, undefined, signal);
  const size = model.info.logits.shape.reduce((a, b) => a * b, 1);
  const rows = runs.flatMap(({ [OUTPUT]: tensor }) => {
    const data = tensor?.data as Float32Array;
    return Array.from({ length: data.length / size }, (_, i) => data.slice(i * size, (i + 1) * size));
  });
  return rows.slice(0, shown.length);
}

const OUTPUT = "whole_output";

function outputGraph({ model, shapes, logits }: DescribedModel): Model {
  const b = createBuilder({ ...model, graph: { ...model.graph, outputs: [] } }, shapes);
  b.output(asFloat(b, logits.value), OUTPUT);
  return removeDead(b.build());
}

/** How alike outputs are to those of the clean pictures, in the order of both. */
export function observeAgreement(
  { model }: Subject,
  shown: readonly ShownImage[],
  outputs: readonly Float32Array[],
  clean: ReadonlyMap<number, Float32Array>,
): AgreementObservation[] {
  const { shape, classAxis } = model.info.logits;
  const form = { dims: shape, classAxis: positionCount(model.info.logits) > 1 ? classAxis - 1 : undefined };
  return shown.map(({ image }, i) => {
    const agreement = outputAgreement(clean.get(image) as Float32Array, outputs[i] as Float32Array, form);
    return { image, agreement: rounded(agreement) };
  });
}
