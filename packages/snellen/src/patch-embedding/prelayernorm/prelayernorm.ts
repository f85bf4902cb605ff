// PreLayerNorm, a layer normalization inside the patch embedding: z₀ = LN(E·patch + b) + E_pos, so that positions keep their weight
// whatever the scale of the colours is. Kim et al., arXiv:2111.08413.

/** Where it stands: behind the projection (the paper's), on each flattened patch before it, or both. */
export const preLayerNormModes = ["after-projection", "before-projection", "both"] as const;
/** Where a PreLayerNorm stands, as in `preLayerNormModes`. */
export type PreLayerNormMode = (typeof preLayerNormModes)[number];

/** γ and β of one normalization. */
export interface Affine {
  readonly scale: Float64Array;
  readonly bias: Float64Array;
}

/** The numbers of a PreLayerNorm: γ and β of its one or two normalizations, and their ε. */
export interface PreLayerNorm {
  /** Of each flattened patch, C·ph·pw numbers in the projection's own order; null without one. */
  readonly before: Affine | null;
  /** Of each patch's vector, D numbers; null without one. */
  readonly after: Affine | null;
  readonly epsilon: number;
}

/** That of the layer normalizations in timm's and torchvision's vision transformers. */
export const PRELAYERNORM_EPSILON = 1e-6;

export const normalizesBefore = (mode: PreLayerNormMode): boolean => mode !== "after-projection";
export const normalizesAfter = (mode: PreLayerNormMode): boolean => mode !== "before-projection";
