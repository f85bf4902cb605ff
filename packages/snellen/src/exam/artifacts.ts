// What gatherers keep of the models they ran, and what is computed from it: the only things that audits see.
import type { CamMap } from "../cam/cam-map.ts";
import type { Summary } from "../cam/measures/statistics.ts";
import type { ReadMask } from "../cam/objects.ts";
import type { Sanity } from "../cam/sanity/sanity-study.ts";
import type { Corruptor } from "../corruptions/corruptor.ts";
import type { Image, ImageInput, ImageLabel } from "../images/image.ts";
import type { SkippedImage, Source } from "../images/stream.ts";
import type { FoldedNormalization } from "../normalization/folded.ts";
import type { GammaPlan } from "../normalization/gammas/gamma-plan.ts";
import type { GroupAdvice } from "../normalization/groups/advise-groups.ts";
import type { KindCounts } from "../normalization/kinds.ts";
import type { EmbeddingScale, ScaleRow } from "../patch-embedding/embedding-scale-result.ts";
import type { UnevenSampling } from "../receptive-field/dead-pixels/uneven-sampling.ts";
import type { FieldAndScore } from "../receptive-field/effective/field-and-score.ts";
import type { FeasibleResolutions, UnproductiveLayer } from "../receptive-field/theoretical/unproductive.ts";
import type { Estimate } from "../robustness/figures/estimates.ts";
import type { LossKind } from "../robustness/figures/losses.ts";
import type { ModelFigures } from "../robustness/figures/result-types.ts";
import type { VisionModel } from "../vision-model/vision-model.ts";
import type { ExamGroup } from "./robustness/exam-group.ts";
import type { NetworkKind } from "./robustness/network-kind.ts";

/** Images that can be read more than once; a door lists them. */
export interface ImageSet {
  /** Where they come from, for the report. */
  readonly name: string;
  readonly entries: readonly (Source<ImageInput> & { readonly label?: ImageLabel })[];
}

export interface ModelFacts {
  readonly name: string;
  readonly input: string;
  readonly preprocessing: string;
  readonly preprocessingOrigin: string;
  readonly logits: string;
  readonly classes: number;
  /** What the scores of a segmentation model or a detector are taken for; undefined where there is one score a class. */
  readonly dense: string | undefined;
  readonly layer: string | undefined;
  readonly layerGrid: readonly [number, number] | undefined;
  readonly labelNames: readonly string[] | undefined;
  readonly opset: number;
  readonly nodes: number;
  readonly parameters: number;
}

/** Outcome of one image. */
export interface ImagePrediction {
  readonly index: number;
  readonly source: string;
  /** Up to five highest scores, best first. */
  readonly top: readonly {
    readonly classIndex: number;
    readonly name: string;
    readonly probability: number;
  }[];
  /** Index of the true class; undefined without a label. */
  readonly label: number | undefined;
  /** Probability of the true class, or of the predicted one without a label. */
  readonly confidence: number;
}

/** A heat map and the picture that the network saw. */
export interface HeatMap {
  readonly index: number;
  readonly map: CamMap;
  /** At the network's input size. */
  readonly picture: Image;
}

/** The labelled images' outcome. */
export interface Accuracy {
  readonly labelled: number;
  readonly top1: number;
  readonly top5: number;
  /** 95 % Wilson interval of top1. */
  readonly interval: readonly [low: number, high: number];
}

/** How well maps find annotated objects, by layer and method. */
export interface Localization {
  /** Images whose object is annotated and seen. */
  readonly images: number;
  /** Mean share of the picture that the objects cover: the energy of a map without preference. */
  readonly chance: number;
  readonly rows: readonly {
    readonly method: string;
    readonly layer: string;
    readonly grid: readonly [number, number];
    readonly energy: Summary;
    readonly iou: Summary;
    readonly pointing: Summary;
  }[];
}

/** Over a sample of the images; the layer is the default one, undefined where nothing between image and scores has a spatial extent. */
export interface Fields extends FieldAndScore {
  /** Annotated boxes as the network sees them, √(width · height) in pixels of its input, the smallest first. */
  readonly objects: readonly number[];
}

/** Why something could not be measured, as a sentence. */
export interface NoAnswer {
  readonly reason: string;
}

/** What the graph alone says about which pixels its layers read. */
export interface Geometry {
  /** Height and width of the network's input. */
  readonly input: readonly [number, number];
  /** Whether the file takes other sizes too. */
  readonly isSizeOpen: boolean;
  readonly unproductive: readonly UnproductiveLayer[];
  readonly resolutions: FeasibleResolutions;
  /** Layers that read some pixels more often than their neighbours. */
  readonly offenders: readonly UnevenSampling[];
  /** Convolutions whose kernels were padded and not trained since. */
  readonly padded: readonly string[];
}

/** What the graph alone says about its normalizations. */
export interface Normalizations {
  /** How many there are of each kind. */
  readonly counts: KindCounts;
  readonly folded: FoldedNormalization;
}

/** How the network fares under the fast subset of corruptions. */
export interface Robustness {
  readonly figures: ModelFigures;
  /** What corruption takes, in parts of 1, paired by image: mean over all conditions. */
  readonly loss: Estimate & { readonly of: LossKind };
  /** The same by corruption, over its severities. */
  readonly losses: readonly (Estimate & { readonly corruption: string })[];
}

/** All pictures with their contrast enhanced by a factor; 1 is the clean picture. */
export type ContrastRow = Pick<ScaleRow, "factor" | "accuracy" | "agreement" | "loss">;

/** A network as it is called, and what it is. */
export interface Contender {
  readonly name: string;
  readonly kind: NetworkKind;
}

/** What altered pictures take from two models, on the images that both have; in parts of 1. */
export interface PairedLoss {
  readonly own: Estimate;
  readonly rival: Estimate;
  /** Own − rival, paired by image: above zero, the examined model loses more. */
  readonly difference: Estimate;
}

export interface PairedLosses {
  readonly of: LossKind;
  /** Over all that was done to the pictures. */
  readonly mean: PairedLoss;
  /** By corruption, or by factor. */
  readonly each: readonly (PairedLoss & { readonly name: string })[];
}

/** The examined model beside one that is examined with it. */
export interface Rivalry {
  readonly rival: Contender;
  readonly corruptions: PairedLosses | NoAnswer;
  readonly contrast: PairedLosses | NoAnswer;
}

export interface Rivals {
  readonly own: Contender;
  readonly rivalries: readonly Rivalry[];
}

/** All that audits can look at, by name. Each is made once, when the first audit needs it. */
export interface Artifacts {
  readonly facts: ModelFacts;
  readonly predictions: readonly ImagePrediction[];
  readonly accuracy: Accuracy | undefined;
  /** Indices of the images most worth looking at. */
  readonly extremes: { readonly worst: readonly number[]; readonly best: readonly number[] };
  readonly heatMaps: { readonly worst: readonly HeatMap[]; readonly best: readonly HeatMap[] };
  /** Conservation error of each method on the same images. */
  readonly conservation: readonly { readonly method: string; readonly errors: readonly number[] }[];
  /** Undefined where no image's object is annotated, or nothing spatial can be explained. */
  readonly localization: Localization | undefined;
  /** Undefined where nothing spatial can be explained. */
  readonly sanity: Sanity | undefined;
  readonly fields: Fields | NoAnswer;
  readonly geometry: Geometry;
  readonly normalizations: Normalizations;
  readonly groups: GroupAdvice | NoAnswer;
  readonly gammas: GammaPlan;
  readonly robustness: Robustness | NoAnswer;
  /** By factor, rising. */
  readonly contrastCurve: readonly ContrastRow[] | NoAnswer;
  readonly embeddingScale: EmbeddingScale | NoAnswer;
  readonly rivals: Rivals | NoAnswer;
}

/** What artifacts are made from: the model, the images, and what a door brings along. */
export interface GatherContext {
  readonly model: VisionModel;
  /** What the report calls it: the file's name. */
  readonly modelName: string;
  readonly images: ImageSet;
  /** Images run at a time. */
  readonly batch: number;
  /** Reads masks of annotated objects; without it, masks are not looked at. */
  readonly readMask?: ReadMask;
  /** Corrupts pictures; default on the calling thread. */
  readonly corruptor?: Corruptor;
  /** This model and those that are examined with it; without it, the model is alone. */
  readonly group?: ExamGroup;
  readonly signal?: AbortSignal;
  /** Called for each image that could not be read. */
  readonly onSkip?: (skipped: SkippedImage) => void;
  /** Called with the share done of the current step, 0 to 1. */
  readonly onProgress?: (step: string, done: number) => void;
}

/** Makes one artifact: a gatherer by running the model, a computed value from other artifacts alone. */
export interface Maker<Id extends keyof Artifacts, Needs extends keyof Artifacts = never> {
  readonly id: Id;
  readonly needs: readonly Needs[];
  readonly make: (
    artifacts: Pick<Artifacts, Needs>,
    context: GatherContext,
  ) => Promise<Artifacts[Id]> | Artifacts[Id];
}
