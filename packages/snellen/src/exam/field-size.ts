// The diameter of an effective receptive field in one number: of the Gaussian, or where R is none, of the circle that holds as much.
// Derived here.
import { meanSigma } from "../receptive-field/size/mean-sigma.ts";
import { radialProfile } from "../receptive-field/size/radial-profile.ts";
import type { Fields } from "./artifacts.ts";

type LayerField = NonNullable<Fields["layer"]>;

/** Half: a Gaussian that leaves more of R, or of its variance, than it takes up does not describe it. Derived here. */
const MOST = 0.5;

/** Whether the fitted Gaussian describes R: it holds most of ΣR and explains most of R's variance. */
export const isGaussian = ({ converged, r2, amplitude }: LayerField["summary"]): boolean =>
  converged && (r2 ?? 0) >= MOST && (amplitude ?? 0) >= MOST;

/** Share of a Gaussian's mass within two standard deviations: 1 − exp(−2). */
const TWO_SIGMA = 1 - Math.exp(-2);

interface FieldDiameter {
  /** Pixels. */
  readonly diameter: number;
  /** Where it comes from. */
  readonly how: string;
}

/**
 * 4·√(σx·σy) where R is a Gaussian; else twice the radius that holds the same share of R, 86 %. Undefined where R is zero. R's
 * noise, which is never negative, widens the circle.
 */
export function fieldDiameter({ map, summary }: LayerField): FieldDiameter | undefined {
  const sigma = isGaussian(summary) ? meanSigma(summary) : null;
  if (sigma !== null) return { diameter: 4 * sigma, how: "two σ to each side" };
  const [holding] = radialProfile(map, { centre: summary.profile.centre, shares: [TWO_SIGMA] }).holding;
  const radius = holding?.radius ?? null;
  const how = `no Gaussian: the circle that holds ${(100 * TWO_SIGMA).toFixed(0)} % of R`;
  return radius === null ? undefined : { diameter: 2 * radius, how };
}
