// The plan: every γ with its category, whether to decay it, why, and what was measured; every residual block with the size of its
// branch. Kim et al., arXiv:2205.07260.
import { nodeTitle } from "@snellen/graph";
import type { ImageInput } from "../../images/image.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { foldedNormalization } from "../folded.ts";
import type { NameSource, Sureness } from "../naming/parameter-names.ts";
import type { TrainingParameters } from "../naming/training-parameters.ts";
import type { NormalizationKind } from "../normalization.ts";
import { type ClassifiedGamma, type ClassifiedGammas, classifyGammas } from "./classify-gammas.ts";
import { GUIDELINES_TRIED } from "./guidelines.ts";
import { type GammaEvidence, type JudgedByEvidence, judgeEvidence } from "./judge-evidence.ts";
import type { GammaCategory } from "./judge-reach.ts";
import { scaleChanges } from "./scale-evidence.ts";
import { type VarianceRatio, varianceRatios } from "./variance-ratios.ts";

/** One γ of the plan. Everything is plain data, so that it can be written as JSON. */
export interface PlannedGamma {
  /** Its name in the training code, as far as that is known. */
  readonly parameter: string;
  /** How the name was found, and how sure it is. */
  readonly named: { readonly source: NameSource; readonly sure: Sureness };
  readonly node: string;
  /** The nodes of all places, where several share it. */
  readonly sharedBy: readonly string[];
  readonly kind: NormalizationKind | "layer-scale";
  readonly channels: number;
  readonly category: GammaCategory;
  /** Whether L2 regularization is desirable. */
  readonly decay: boolean;
  /**
   * What decided the category: the graph, or, where both sides of a residual Add are scaled, the measurement; "open" where that
   * would have to decide and there were no pictures.
   */
  readonly decidedBy: "rule" | "evidence" | "open";
  readonly reason: string;
  /** Of `scale-invariant`: an operator on the way is not homogeneous. */
  readonly nearly: boolean;
  /** Of `shortcut`: it starts the residual stream. */
  readonly stream: boolean;
  /** All its numbers are 1: frozen, or not trained; null where they are not in memory. */
  readonly ones: boolean | null;
  /** Null without pictures. */
  readonly evidence: GammaEvidence | null;
}

/** A residual block, and how large its branch is beside its skip. */
export interface PlannedBlock {
  /** The residual Add. */
  readonly node: string;
  readonly kind: "identity" | "projection";
  /** Values that it adds; parallel branches with " + " between. */
  readonly branch: string;
  readonly skip: string;
  /** Var(F(x)) / Var(x), the mean over the pictures, and the smallest and largest of one; null without pictures. */
  readonly varianceRatio: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** Which γ to decay and why, and how large each residual branch is (Kim et al., arXiv:2205.07260). Plain data. */
export interface GammaPlan {
  readonly gammas: readonly PlannedGamma[];
  readonly blocks: readonly PlannedBlock[];
  /** Sentences on the whole. */
  readonly notes: readonly string[];
}

/** Names of the training code, and how the work is watched and stopped. */
export interface GammaPlanOptions {
  /** Parameters of the training code, to name γ by. */
  readonly training?: TrainingParameters;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Classifies every γ and, with pictures, measures: how far the scores move when it is doubled, and how large each residual branch
 * is beside its skip.
 * @param images one batch; 8 do. None: rules alone
 */
export async function gammaPlan(
  model: VisionModel,
  images: readonly ImageInput[],
  { training, onProgress, signal }: GammaPlanOptions = {},
): Promise<GammaPlan> {
  const classified = classifyGammas(model.info, training === undefined ? {} : { training });
  const isMeasured = images.length > 0;
  const during = signal === undefined ? {} : { signal };
  const ratios = isMeasured ? await varianceRatios(model, classified, images, during) : [];
  const progress = onProgress === undefined ? {} : { onProgress };
  const changes = isMeasured ? await scaleChanges(model, classified, images, { ...during, ...progress }) : [];
  const judged = classified.gammas.map((gamma, i) => {
    const change = changes[i];
    const block = gamma.residual === undefined ? -1 : classified.residuals.indexOf(gamma.residual);
    return planned(
      gamma,
      change === undefined ? undefined : judgeEvidence(gamma, change, ratios[block]?.mean),
    );
  });
  return {
    gammas: judged,
    blocks: classified.residuals.map((residual, i) => ({
      node: nodeTitle(residual.node),
      kind: residual.kind,
      branch: residual.branches.join(" + "),
      skip: residual.skip,
      ...ratioOf(ratios[i]),
    })),
    notes: notesOf(model.info, classified, judged, images.length),
  };
}

function planned(gamma: ClassifiedGamma, judged: JudgedByEvidence | undefined): PlannedGamma {
  const { name, node, places, kind, channels, reason, isNearly, isStream, isOnes, open } = gamma;
  const { category, decay, evidence } = judged ?? { ...gamma, evidence: null };
  const isDecided = open !== undefined && judged !== undefined;
  return {
    parameter: name.name,
    named: { source: name.source, sure: name.sure },
    node: nodeTitle(node),
    sharedBy: places.length > 1 ? places.map((place) => nodeTitle(place.node)) : [],
    kind,
    channels,
    category,
    decay,
    decidedBy: open === undefined ? "rule" : isDecided ? "evidence" : "open",
    reason: isDecided ? `${reason}; ${judged.evidence.verdict}` : reason,
    nearly: isNearly && category === "scale-invariant",
    stream: isStream || (isDecided && category === "shortcut"),
    ones: isOnes ?? null,
    evidence,
  };
}

const ratioOf = (ratio: VarianceRatio | undefined): Pick<PlannedBlock, "varianceRatio" | "low" | "high"> =>
  ratio === undefined || !Number.isFinite(ratio.mean)
    ? { varianceRatio: null, low: null, high: null }
    : { varianceRatio: ratio.mean, low: ratio.low, high: ratio.high };

const FEW_PICTURES = 4;

function notesOf(
  { model, shapes, batch }: DescribedModel,
  { normalizations, withoutGamma, gammas }: ClassifiedGammas,
  planned: readonly PlannedGamma[],
  pictures: number,
): string[] {
  const notes: string[] = [];
  const folded = foldedNormalization(model, shapes, normalizations);
  if (folded.folded > 0) notes.push([folded.how, folded.advice ?? ""].join(" ").trim());
  if (gammas.length === 0) notes.push("There is no γ in this graph.");
  if (withoutGamma > 0) notes.push(`${count(withoutGamma, "normalization")} without γ left out.`);
  const ones = planned.filter((gamma) => gamma.ones === true).length;
  if (ones > 0)
    notes.push(`${count(ones, "γ", "γ")} all 1: frozen (scale=False), or the model is not trained.`);
  const unsure = planned.filter(({ named }) => named.sure !== "certain").length;
  if (unsure > 0)
    notes.push(
      `${count(unsure, "name")} of parameters not certain; a list of the training code's parameters may settle them.`,
    );
  const undecided = planned.filter(({ decidedBy }) => decidedBy === "open").length;
  if (undecided > 0)
    notes.push(`${count(undecided, "γ", "γ")} that only a measurement on pictures can decide.`);
  const against = planned.filter(({ evidence }) => evidence?.agrees === false).length;
  if (against > 0) notes.push(`${count(against, "γ", "γ")} whose rule the measurement contradicts.`);
  const onBatch = normalizations.some(({ kind }) => kind === "batch") && pictures > 0;
  if (onBatch && Math.min(pictures, batch.fixed ?? pictures) < FEW_PICTURES)
    notes.push("Batch statistics of few pictures: the measured changes of BatchNormalization's γ are rough.");
  if (gammas.length > 0) notes.push(GUIDELINES_TRIED);
  return notes;
}

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
