// What the scale of colours does to z₀: how large patches are beside E_pos, how far z₀ turns, and what becomes of the predictions.
// Kim et al., arXiv:2111.08413, name the effect; figures, intervals and verdict are derived here.
import type { Estimate } from "../robustness/figures/estimates.ts";
import type { PatchEmbedding } from "./patch-embedding.ts";

/** Ways to alter a picture by a factor; ids of the corruptions that do it. */
export type ScaleFamily = "contrast_enhancement" | "colour_scale";

/** All pictures altered by one factor. */
export interface ScaleRow {
  readonly family: ScaleFamily;
  /** 1 is the clean picture. */
  readonly factor: number;
  /** Mean over patches of |x| / |E_pos|, x being what E_pos is added to. */
  readonly ratio: Estimate;
  /** Mean over patches of the cosine between z₀ of the altered and of the clean picture. */
  readonly cosine: Estimate;
  /** Mean over patches of |E_pos|² / (|x|² + |E_pos|²): the part of z₀'s energy that is positional, between 0 and 1. */
  readonly positionalShare: Estimate;
  /** Share of labelled images whose class has the highest score; its `n` is 0 without labels. */
  readonly accuracy: Estimate;
  /** Accuracy lost from clean pictures, paired by image, on the labelled ones; its `n` is 0 without labels. */
  readonly loss: Estimate;
  /** Share of images whose highest score is that of the clean picture's. */
  readonly agreement: Estimate;
  readonly n: number;
}

/**
 * `keeps-its-grip`: ratio and cosine stay nearly what they are on clean pictures; `loses-its-grip`: the ratio grows beyond a
 * threshold and predictions suffer; `scale-dependent`: in between, harmless on these images.
 */
export type GripVerdict = "keeps-its-grip" | "scale-dependent" | "loses-its-grip";

/** The verdict on one family, with the figures that it rests on. */
export interface Grip {
  readonly family: ScaleFamily;
  readonly verdict: GripVerdict;
  /** The largest ratio of any factor over that of clean pictures, and the smallest. */
  readonly growth: Estimate;
  readonly shrinkage: Estimate;
  /** Least mean cosine of any factor. */
  readonly leastCosine: Estimate;
  /**
   * What the factor that decides does to predictions: accuracy lost on the labelled images, or, without labels, the share of images
   * whose prediction changes. Where the grip is lost, at the worst of the factors at which it is; else at the worst of all.
   */
  readonly loss: Estimate & { readonly of: "accuracy" | "agreement"; readonly factor: number };
  /** In a sentence, for people. */
  readonly text: string;
}

/** What the scale of colours does to z₀ and to predictions (Kim et al., arXiv:2111.08413), with a verdict. */
export interface EmbeddingScale {
  readonly found: PatchEmbedding;
  /** By family, then by factor. */
  readonly rows: readonly ScaleRow[];
  readonly grips: readonly Grip[];
  /** The worst over the families. */
  readonly verdict: GripVerdict;
  /** Images that were measured, and those of them with labels. */
  readonly n: number;
  readonly labelled: number;
}
