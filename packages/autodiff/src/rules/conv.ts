// Gradients of convolutions: y[n,m,o] = Σ_{c,k} w[m,c,k] · x[n,c, o·stride + k·dilation − pad].
// The forms, chosen by shape, are in convolution.ts and convolution-weights.ts.
import { attr, type GraphBuilder, type Node } from "@snellen/graph";
import { convInputGradient, convOver, sumOverPositions } from "../convolution.ts";
import { convWeightGradient } from "../convolution-weights.ts";
import type { Rule } from "../rule.ts";
import { at, reach, type Windows, windowsOf } from "../window.ts";

/** y is a convolution: dx spreads dy back over the windows, dw correlates x with dy, db sums dy over all positions. */
export const Conv: Rule = ({ b, node, x, y, dy, needs }) => {
  const [input, weight] = x as [string, string];
  const group = attr.int(node, "group", 1);
  const windows = windowsOf(b, node, b.dims(weight).slice(2), { big: input, small: y[0] as string });
  return [
    needs(0) ? convInputGradient(b, dy, weight, windows, group) : null,
    needs(1) ? convWeightGradient(b, input, dy, windows, group) : null,
    needs(2) ? sumOverPositions(b, dy) : null,
  ];
};

/** The transpose of a convolution: its gradient is that convolution. */
export const ConvTranspose: Rule = ({ b, node, x, y, dy, needs }) => {
  const [input, weight] = x as [string, string];
  const group = attr.int(node, "group", 1);
  const windows = transposedWindows(b, node, input, weight, y[0] as string);
  return [
    needs(0) ? convOver(b, dy, weight, windows, group) : null,
    needs(1) ? convWeightGradient(b, dy, input, windows, group) : null,
    needs(2) ? sumOverPositions(b, dy) : null,
  ];
};

/** Windows of the convolution from y to x that a ConvTranspose from x to y undoes. */
function transposedWindows(b: GraphBuilder, node: Node, x: string, w: string, y: string): Windows {
  const windows = windowsOf(b, node, b.dims(w).slice(2), { big: y, small: x });
  const fixed = attr.has(node, "output_shape") || attr.string(node, "auto_pad", "NOTSET").startsWith("SAME");
  if (!fixed) return windows;
  // The size is given and the padding follows from it; ONNX puts the odd one before the input unless SAME_UPPER.
  const extra = attr.ints(node, "output_padding") ?? [];
  const total = reach(windows).map(
    (r, i) =>
      (at(windows.output, i) - 1) * at(windows.strides, i) + (extra[i] ?? 0) + r - at(windows.input, i),
  );
  const half = attr.string(node, "auto_pad", "NOTSET") === "SAME_UPPER" ? Math.floor : Math.ceil;
  const begin = total.map((p) => half(p / 2));
  return { ...windows, begin, end: total.map((p, i) => p - at(begin, i)) };
}
