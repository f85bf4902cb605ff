// Gradient of the discrete Fourier transform: its conjugate transpose, which is the other direction's transform up to a factor.
// ONNX: DFT 17 (axis as attribute), DFT 20 (axis as input); complex numbers are pairs along the last axis.
import { attr, BATCH, describeNode, UnsupportedError } from "@snellen/graph";
import { padAxes, scaled } from "../emit.ts";
import type { Rule, RuleContext } from "../rule.ts";

/** The transformed axis, counted from the front. */
function axisOf({ b, node, x }: RuleContext): number | undefined {
  const standard = b.opset >= 20 ? -2 : 1;
  const axis = x[2] ? b.constant(x[2])?.[0] : attr.int(node, "axis", standard);
  return axis !== undefined && axis < 0 ? axis + b.rank(x[0] as string) : axis;
}

// y = F·x (Fₖₙ = e^{−2πikn/N}):  dx = Fᴴ·dy = N · F⁻¹·dy;  y = F⁻¹·x:  dx = F·dy / N
export const DFT: Rule = (c) => {
  const { b, node, x, dy } = c;
  const [value, length] = x as [string, string?];
  const axis = axisOf(c);
  const inverse = attr.int(node, "inverse", 0);
  const onesided = attr.int(node, "onesided", 0);
  const dims = b.dims(value);
  const size = axis === undefined ? undefined : dims[axis];
  const bins = length ? b.constant(length)?.[0] : size;
  if (
    axis === undefined ||
    size === undefined ||
    bins === undefined ||
    size === BATCH ||
    inverse * onesided === 1
  ) {
    throw new UnsupportedError("no-gradient-rule", "this form of DFT has no gradient rule.", {
      where: describeNode(node),
      hint: "Its axis and length must be constants, and it must not be inverse and one-sided at once.",
    });
  }
  // The half of the spectrum that was left out gets no gradient.
  const spectrum = padAxes(b, dy, new Map([[axis, [0, bins - (b.dims(dy)[axis] as number)]]]));
  const axes = x[2] ? ["", x[2]] : [];
  const back = b.op("DFT", [spectrum, ...axes], {
    axis: b.opset >= 20 ? undefined : axis,
    inverse: 1 - inverse,
  });
  const fitted = padAxes(
    b,
    scaled(b, back, inverse === 1 ? 1 / bins : bins),
    new Map([[axis, [0, size - bins]]]),
  );
  const isReal = dims.at(-1) === 1;
  return [isReal ? b.op("Slice", [fitted, b.ints([0]), b.ints([1]), b.ints([-1])]) : fitted];
};
