// A picture of one value a pixel: noise, a layer of snow, heights of crystals.
// Row-major, in single precision.

export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}
