// What can be said of a model before anything is run, as data: what `snellen inspect` prints and the app shows.
import { BATCH } from "@snellen/graph";
import type { PreprocessSpec } from "../images/preprocess-spec.ts";
import { findNormalizations } from "../normalization/find-normalizations.ts";
import { foldedNormalization } from "../normalization/folded.ts";
import { countKinds, type KindCounts } from "../normalization/kinds.ts";
import { findPatchEmbedding } from "../patch-embedding/find-patch-embedding.ts";
import { type PatchEmbeddingFacts, patchEmbeddingFacts } from "../patch-embedding/patch-embedding-facts.ts";
import { type FieldDescription, fieldDescription } from "../receptive-field/theoretical/receptive-field.ts";
import { denseScoresText } from "./dense-scores.ts";
import type { DescribedModel } from "./describe.ts";
import type { FileFacts } from "./file-facts.ts";
import type { FeatureLayer } from "./layers.ts";

/** The JSON of `snellen inspect`; part of the command line's contract. */
export interface Inspection extends FileFacts {
  readonly model: string;
  readonly input: {
    readonly name: string;
    readonly layout: string;
    readonly channels: number;
    /** Height and width. */
    readonly size: readonly number[];
    readonly dataType: string;
    /** Images that the model takes at a time, and what became of a number that the file fixes. */
    readonly batch: number | "any";
    readonly batchFreedFrom: number | null;
    readonly batchRefusal: string | null;
  };
  readonly preprocessing: PreprocessSpec & { readonly origin: string; readonly assumed: boolean };
  readonly logits: {
    readonly value: string;
    readonly output: string;
    readonly shape: readonly (number | "N")[];
    readonly classes: number;
    /** Softmax or Sigmoid that follows the scores. */
    readonly skipped: string | null;
    /** What the scores of a segmentation model or a detector are taken for; null where there is one score a class. */
    readonly dense: string | null;
  };
  readonly labels: { readonly origin: string; readonly names: readonly string[] | null };
  /** How many there are of each kind (batch, group, instance, layer, rms). */
  readonly normalizations: KindCounts;
  /** What speaks for batch normalization that was folded into convolutions; null where nothing does. */
  readonly foldedNormalization: string | null;
  /** Of a vision transformer: its patches, tokens and positions; else why there is none. */
  readonly patchEmbedding: PatchEmbeddingFacts;
  readonly defaultLayer: string | null;
  readonly layers: readonly InspectedLayer[];
}

/** A feature layer as plain data. */
export interface InspectedLayer {
  readonly value: string;
  readonly node: string;
  readonly operator: string;
  readonly kind: string;
  readonly grid: readonly [number, number];
  readonly channels: number;
  /** Class and register tokens before the grid's. */
  readonly prefixTokens: number;
  /** Pixels between the centres of neighbouring cells, rows and columns; null where they are not known. */
  readonly stride: readonly [number, number] | null;
  /** Theoretical receptive field, pixels; null where it is not known, or within it for the whole image. */
  readonly field: FieldDescription | null;
}

/**
 * All that can be said of a model before it is run, as plain data.
 * @param name what the result calls the model
 */
export function inspection(info: DescribedModel, name: string): Inspection {
  const { input, batch, logits, preprocessing, labels, layers } = info;
  const normalizations = findNormalizations(info.model, info.shapes);
  const folded = foldedNormalization(info.model, info.shapes, normalizations);
  return {
    model: name,
    ...info.file,
    input: {
      name: input.name,
      layout: input.layout,
      channels: input.channels,
      size: input.size,
      dataType: input.dataType,
      batch: batch.fixed ?? "any",
      batchFreedFrom: batch.freedFrom ?? null,
      batchRefusal: batch.refusal ?? null,
    },
    preprocessing: {
      ...preprocessing.spec,
      origin: preprocessing.origin,
      assumed: preprocessing.isAssumed,
    },
    logits: {
      value: logits.value,
      output: logits.output,
      shape: ["N", ...logits.shape.map((d) => (d === BATCH ? "N" : d))],
      classes: logits.classes,
      skipped: logits.skipped ?? null,
      dense: denseScoresText(logits) ?? null,
    },
    labels: { origin: labels.origin, names: labels.names ?? null },
    normalizations: countKinds(normalizations),
    foldedNormalization: folded.folded > 0 ? folded.how : null,
    patchEmbedding: patchEmbeddingFacts(findPatchEmbedding(info)),
    defaultLayer: layers.default?.value ?? null,
    layers: layers.layers.map(inspectedLayer),
  };
}

const inspectedLayer = ({ value, node, opType, layout, channels, field }: FeatureLayer): InspectedLayer => ({
  value,
  node,
  operator: opType,
  kind: layout.kind,
  grid: layout.grid,
  channels,
  prefixTokens: layout.prefix,
  stride: field === undefined ? null : [field[0].stride, field[1].stride],
  field: field === undefined ? null : fieldDescription(field),
});
