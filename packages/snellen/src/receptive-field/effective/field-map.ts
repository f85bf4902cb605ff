// R, what the methods of this folder are about: how strongly each pixel of the network's input moves a unit of a feature map,
// or a score, over a set of images. Kim et al., arXiv:2108.13576, Algorithm 1.

/** R: how strongly each pixel of the network's input moves a unit or a score, averaged over images. */
export interface FieldMap {
  /** Never negative, row by row over the network's input. */
  readonly values: Float64Array;
  /** Height and width of the input. */
  readonly dims: readonly [number, number];
  /** Images that it was accumulated over. */
  readonly n: number;
}
