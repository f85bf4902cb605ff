// What the methods see of a picture: decoded RGB pixels, or a tensor that somebody preprocessed already (`.npy`).
// Files and canvases are the doors' business (`node/images.ts`, `web/images.ts`).

/** An annotated object: its box, its mask, or both. */
export interface ImageObject {
  readonly name: string;
  /** Indices of the model's classes that it counts as; empty where only its name is known. */
  readonly classIndices: readonly number[];
  /** The indices are ImageNet-1k's, whatever the model: they hold for its 1000 classes, or behind a background class. */
  readonly isImageNet?: boolean;
  /** [x, y, width, height] in pixels of the picture. */
  readonly box?: readonly [number, number, number, number];
  /** Path of a mask of the picture's size. */
  readonly maskFile?: string;
  /** Value of the object's pixels in it; without one, all that are not 0. */
  readonly maskValue?: number;
}

/** What is known about a picture besides its pixels; every field is optional. */
export interface ImageLabel {
  /** Index of the true class among the model's outputs. */
  readonly classIndex?: number;
  readonly className?: string;
  /** The object's box [x, y, width, height] in pixels of the picture. */
  readonly box?: readonly [number, number, number, number];
  /** Path of the object's mask, of the picture's size; pixels that are not 0 belong to the object. */
  readonly maskFile?: string;
  /** Objects of whatever classes, as detection data sets annotate them. */
  readonly objects?: readonly ImageObject[];
}

/** True where an object is annotated: a box, a mask, or a list of objects. */
export const isAnnotated = ({ box, maskFile, objects = [] }: ImageLabel = {}): boolean =>
  box !== undefined || maskFile !== undefined || objects.length > 0;

/** Paths of all masks that a label names. */
export const maskFilesOf = ({ maskFile, objects = [] }: ImageLabel): string[] =>
  [maskFile, ...objects.map((object) => object.maskFile)].filter((path) => path !== undefined);

/** A decoded picture. */
export interface Image extends ImageLabel {
  readonly width: number;
  readonly height: number;
  /** RGB, row-major, three bytes a pixel: `height * width * 3` bytes. */
  readonly data: Uint8Array;
  /** Where it came from: a path, a URL, or a name. */
  readonly source: string;
}

/** A tensor that skips preprocessing: one slot of an `.npy` batch. */
export interface PreprocessedImage extends ImageLabel {
  /** [channels, height, width]. */
  readonly shape: readonly [number, number, number];
  readonly values: Float32Array;
  readonly source: string;
}

/** A picture as the methods take it: decoded pixels, or a tensor that skips preprocessing. */
export type ImageInput = Image | PreprocessedImage;

/** True for a tensor that skips preprocessing, false for pixels. */
export const isPreprocessed = (input: ImageInput): input is PreprocessedImage => "values" in input;
