// Hue, saturation and value of RGB pixels and back (Smith, "Color Gamut Transform Pairs", 1978), in double precision and in the
// order of operations of scikit-image: results are truncated to bytes, so that the last digit decides.

/** Hue in [0, 1), saturation and value in [0, 1]. */
export type Hsv = Float64Array;

const UNIT = Float64Array.from({ length: 256 }, (_, byte) => byte / 255);

/** The pixel whose red stands at `at`, into `into`. Grey has hue 0. */
export function rgbToHsv(data: Uint8Array, at: number, into: Hsv): void {
  const red = UNIT[data[at]!]!;
  const green = UNIT[data[at + 1]!]!;
  const blue = UNIT[data[at + 2]!]!;
  const most = red > green ? (red > blue ? red : blue) : green > blue ? green : blue;
  const least = red < green ? (red < blue ? red : blue) : green < blue ? green : blue;
  const span = most - least;
  let hue = 0;
  if (span > 0) {
    const sixths =
      blue === most
        ? 4 + (red - green) / span
        : green === most
          ? 2 + (blue - red) / span
          : (green - blue) / span;
    hue = sixths / 6;
    if (hue < 0) hue += 1;
  }
  into[0] = hue;
  into[1] = span > 0 ? span / most : 0;
  into[2] = most;
}

/** Which of (value, p, q, t) red, green and blue are, by sixths of the hue. */
const ROLES = Uint8Array.of(0, 3, 1, 2, 0, 1, 1, 0, 3, 1, 2, 0, 3, 1, 0, 0, 1, 2);

/** Scratch of `hsvToRgb`: (value, p, q, t) as bytes. */
const roles = new Uint8Array(4);

/** Back to bytes, cut off towards zero, to `at` of `out`; saturation and value must lie in [0, 1], the hue in [0, 1]. */
export function hsvToRgb(hsv: Hsv, out: Uint8Array, at: number): void {
  const saturation = hsv[1]!;
  const value = hsv[2]!;
  const sixths = 6 * hsv[0]!;
  const whole = sixths | 0;
  const part = sixths - whole;
  roles[0] = value * 255;
  roles[1] = value * (1 - saturation) * 255;
  roles[2] = value * (1 - part * saturation) * 255;
  roles[3] = value * (1 - (1 - part) * saturation) * 255;
  const sector = whole >= 6 ? 0 : 3 * whole;
  out[at] = roles[ROLES[sector]!]!;
  out[at + 1] = roles[ROLES[sector + 1]!]!;
  out[at + 2] = roles[ROLES[sector + 2]!]!;
}
