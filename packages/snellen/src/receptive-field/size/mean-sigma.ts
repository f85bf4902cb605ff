// The width of a Gaussian of two axes in one number: sigma of the round one that covers as much. Derived here.

interface Sigmas {
  /** Pixels; null or undefined where not known. */
  readonly sigmaX?: number | null | undefined;
  readonly sigmaY?: number | null | undefined;
}

/** √(σx·σy), pixels; null where one of the two is not known. Whether the fit means anything is the caller's to ask. */
export const meanSigma = ({ sigmaX, sigmaY }: Sigmas): number | null =>
  sigmaX == null || sigmaY == null ? null : Math.sqrt(sigmaX * sigmaY);
