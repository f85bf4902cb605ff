// What is explained: one number a picture, built into the graph. Each kind is one file in this folder, listed in `index.ts`.
import { type DataType, type GraphBuilder, UsageError } from "@snellen/graph";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { LabelledSource } from "./class-reference.ts";

/** A number or an array a picture that the graph takes as an input, so that one session serves all classes. */
export interface TargetInput {
  readonly name: string;
  readonly dataType: Extract<DataType, "int64" | "float32">;
  /** Behind the batch. */
  readonly dims: readonly number[];
}

export interface TargetContext {
  readonly b: GraphBuilder;
  readonly described: DescribedModel;
  /** float32 [N, classes]; of a dense output each class's highest. */
  readonly scores: string;
}

export interface TargetScore {
  /** float32 [N]: what is explained. */
  readonly score: string;
  /** int64 [N]: the class that it is about; `NO_CLASS` for values that are no class's. */
  readonly index: string;
}

/** Values of a kind's inputs for one image, in their order. */
export type TargetValues = readonly (readonly number[])[];

/** What the network made of an image as it is. */
export interface SeenImage {
  /** Scores of all classes. */
  readonly logits: Float32Array;
  /** The class that the target turned out to be about. */
  readonly classIndex: number;
}

/** What people are told of a kind of target. */
export interface TargetFacts {
  readonly id: string;
  /** As people write it after --target. */
  readonly syntax: string;
  readonly summary: string;
}

/** A kind of target: what it is fed, and the score that it builds from that in the graph. */
export interface TargetKind extends TargetFacts {
  /** Tells kinds of equal id apart whose graphs differ (such as the grid of a mask). */
  readonly key?: string;
  /** Values of the network that the score is computed from besides the logits. */
  readonly values?: readonly string[];
  /** Whether its score is a class's own, out of `scores` and unaltered, so that it compares with those of other classes. */
  readonly isClassScore?: boolean;
  /** Whether it is about a place in the picture, which a mirrored picture has elsewhere. */
  readonly hasPlace?: boolean;
  readonly inputs: readonly TargetInput[];
  /**
   * The inputs for other versions of an image, so that they are asked the same as the image itself was: the class that had the
   * rank, the side that the score was on. Without it, they are the same for all versions.
   */
  readonly settle?: (values: TargetValues, seen: SeenImage) => TargetValues;
  /** @param inputs names of the values that hold `this.inputs` */
  readonly build: (context: TargetContext, inputs: readonly string[]) => TargetScore;
  /** Why the gradient of such a score may be zero everywhere, in words. */
  readonly zeroCause: (score: number) => string;
  /** Reason to distrust the gradient of such a score where it is not zero, in words. */
  readonly caveat?: (score: number) => string | undefined;
}

/** A target that was checked against a model. */
export interface BoundTarget {
  readonly kind: TargetKind;
  /** As shown to people and put into file names. */
  readonly name: string;
  /** Values of the kind's inputs for one image. @throws UsageError `no-label` */
  readonly feed: (image: LabelledSource) => TargetValues;
}

/** How a kind reads its text; undefined when the text is another kind's. */
export type ParseTarget = (text: string, info: DescribedModel) => readonly BoundTarget[] | undefined;

/** Stands for the class of a target that is about none. */
export const NO_CLASS = -1;

export const DEAD_SCORE =
  "the score lies behind a ReLU or a clip that is at its limit, so that nothing moves it; explain another class, or another value with --output";

/** @param what of a score, such as "this score" */
export const unreached = (what: string): string =>
  `the layer does not influence ${what}, or what lies between is saturated or dead`;

/** A text that has a kind's prefix but not its form. */
export const badTarget = (text: string, what: string, example: string): UsageError =>
  new UsageError("bad-target", `"${text}": ${what}.`, { where: "--target", hint: `Write ${example}.` });
