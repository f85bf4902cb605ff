// What the patch embedding of a vision transformer is to the methods, in whatever ONNX form it came: z₀ = E·patch + b + E_pos, the
// tokens that stand before and behind the patches, and the normalizations around. The words are those of arXiv:2010.11929.
import type { Model, Node, Shapes } from "@snellen/graph";
import type { Normalization } from "../normalization/normalization.ts";
import type { SpatialLayout } from "../vision-model/space.ts";

/** A value of the canonical graph (`info.model`) that holds the patches, and where its axes are. */
export interface EmbeddingValue {
  readonly name: string;
  /**
   * `tokens`: [N, prefix + h·w + suffix, D]; `map`: [N, D, h, w] or [N, h, w, D]; which axis is which is said inside. Made for
   * `toFeatureMap`, which lays the patches alone out as [N, D, h, w].
   */
  readonly layout: SpatialLayout;
}

/** The layer E that turns patches into vectors. */
export interface PatchProjection {
  /** `conv`: a convolution; `unfold`: patches cut out by reshapes, then a matrix product (Linear). */
  readonly kind: "conv" | "unfold";
  /** The Conv, MatMul or Gemm. */
  readonly node: Node;
  /** What the node reads: a map [N, C, H', W'] of a convolution; vectors of patches, channels last, of an unfolding. */
  readonly input: string;
  /** The constant that E is, as the node reads it: [D, C, kh, kw]; [C·ph·pw, D] or, of a Gemm with transB, [D, C·ph·pw]. */
  readonly weight: string;
  /** The constant b; null without one. Where it is added behind the node, `output` is behind that addition. */
  readonly bias: string | null;
  /** E·patch + b as the network computes it, before anything is reshaped. */
  readonly output: string;
  /** [ph, pw]: rows and columns from one patch to the next, in cells of what it reads: pixels, or a network's map (hybrids). */
  readonly patch: readonly [number, number];
  /** Rows and columns of the windows; as `patch` unless they overlap. */
  readonly kernel: readonly [number, number];
  /** Windows larger than the steps between them, or padded: no patch stands alone, and none can be normalized before E. */
  readonly overlaps: boolean;
  /** Whether the picture's own pixels are read, no earlier layer with weights in between. */
  readonly readsPixels: boolean;
}

/**
 * How E_pos comes to be. `constant`: one parameter; `sliced`: rows taken from a larger one (Slice, Gather, Split); `interpolated`:
 * a parameter resized to the grid; `computed`: from other constants, as sines and cosines.
 */
export type PositionalOrigin = "constant" | "sliced" | "interpolated" | "computed";

/** E_pos and the place where it is added. */
export interface PositionalEmbedding {
  /** The Add. */
  readonly node: Node;
  /** The operand that E_pos is, of the sum's rank or less; does not follow the picture. */
  readonly value: string;
  readonly origin: PositionalOrigin;
  /** The parameter behind it, by the initializer's name; null where there are several or none. */
  readonly parameter: string | null;
  /** Whether it has rows for the tokens beside the patches too. */
  readonly coversOthers: boolean;
  /** Parts added right behind, one after the other, such as the columns' vectors after the rows'. */
  readonly further: readonly { readonly node: Node; readonly value: string }[];
}

/** `other`: tokens that neither their parameter's name nor their place tells. */
export type OtherTokenKind = "class" | "distillation" | "register" | "detection" | "other";

/** Tokens beside the patches' own, put to them by one operand of a Concat. */
export interface OtherTokens {
  readonly kind: OtherTokenKind;
  readonly count: number;
  /** The operand. */
  readonly value: string;
  readonly place: "before-patches" | "behind-patches";
  /** Whether they were there when E_pos was added. */
  readonly joined: "before-addition" | "after-addition";
}

/** The patch embedding of a vision transformer: z₀ = E·patch + b + E_pos by nodes and values of the graph. */
export interface PatchEmbedding {
  readonly found: true;
  /** What nodes and values are of: the canonical graph, with sums that were fused into normalizations as Adds. */
  readonly graph: { readonly model: Model; readonly shapes: Shapes };
  readonly projection: PatchProjection;
  /** [h, w]: patches in a column and in a row. */
  readonly grid: readonly [number, number];
  /** [H / h, W / w]: the input's pixels that a patch stands for. */
  readonly pixels: readonly [number, number];
  /** D. */
  readonly width: number;
  /**
   * The patches right behind the projection and nothing else: [N, h·w, D], or [N, D, h, w] where E_pos is added to the map. Not yet
   * normalized, no other tokens. `fix prelayernorm` normalizes this value for all its readers.
   */
  readonly tokens: EmbeddingValue;
  /** What E_pos is added to: `tokens`, behind normalizations and other tokens where these come first. */
  readonly summand: EmbeddingValue;
  readonly positional: PositionalEmbedding;
  /** The sum alone: the output of `positional.node`, or of the last of `further`. */
  readonly sum: EmbeddingValue;
  /** What the first block reads: the sum with all other tokens, before any normalization of `normalizations.behind`. */
  readonly z0: EmbeddingValue;
  /** In the order in which they stand in z₀. */
  readonly others: readonly OtherTokens[];
  readonly normalizations: {
    /** Of the patches' pixels, in front of the projection. */
    readonly before: readonly Normalization[];
    /** Between projection and addition: a layer normalization here is PreLayerNorm already. */
    readonly between: readonly Normalization[];
    /** Of z₀ as a whole, before the first block forks (CLIP's `pre_layrnorm`): too late to part patches and positions. */
    readonly behind: readonly Normalization[];
  };
  /** A layer (or RMS) normalization over channels lies before the projection or between it and the addition. */
  readonly isPreNormalized: boolean;
}

/** Where a network without E_pos has its positions from. */
export type OtherPositions = "relative" | "convolutional" | "rotary" | "none";

/** Why there is no patch embedding with an E_pos. */
export interface NoPatchEmbedding {
  readonly found: false;
  /**
   * `no-patches`: nothing cuts the image into patches; `no-positions`: patches are embedded, but nothing positional is added;
   * `no-projection`: something positional is added, but not to the output of one layer; `used-without`: what it is added to is also
   * used without it, so that the sum is not what the blocks work on.
   */
  readonly reason: "no-patches" | "no-positions" | "no-projection" | "used-without";
  /** Of `no-positions`. */
  readonly positions?: OtherPositions;
  /** The reason in a sentence. */
  readonly text: string;
  /** The layer that embeds patches, where there is one. */
  readonly projection?: PatchProjection;
}

/** What the search for a patch embedding gives: the embedding, or why there is none. */
export type PatchEmbeddingSearch = PatchEmbedding | NoPatchEmbedding;
