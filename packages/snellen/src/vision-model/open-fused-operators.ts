// Operators that ONNX Runtime's optimizer and quantizer put in place of standard ones. Opened again, the picture's rows and columns,
// feature maps of real numbers and residual sums are seen between them.
import {
  EXPANDABLE_OPERATORS,
  expandOperators,
  type Model,
  openIntegerProducts,
  type Shapes,
  UnsupportedError,
} from "@snellen/graph";

/** A GroupNorm is one normalization as it is; to quantize and back means the same in both domains. */
const WHOLE = /::(GroupNorm|QuantizeLinear|DequantizeLinear)$/;
const FUSED = [...EXPANDABLE_OPERATORS].filter(
  (op) => /^(com\.microsoft::|QLinear)/.test(op) && !WHOLE.test(op),
);

/**
 * Products of integers become layers of what their operands stand for, rounded as before. Values keep their names. Operators in a
 * form that cannot be opened stay: what needs them open says so.
 * @param model canonical
 */
export function openFusedOperators(model: Model, shapes: Shapes): { model: Model; shapes: Shapes } {
  const opened = FUSED.reduce(
    (current, op) => {
      try {
        return expandOperators(current.model, current.shapes, new Set([op]));
      } catch (error) {
        if (error instanceof UnsupportedError) return current;
        throw error;
      }
    },
    { model, shapes },
  );
  return { ...opened, model: openIntegerProducts(opened.model, opened.shapes) };
}
