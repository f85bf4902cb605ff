// Oracle: the straight-through estimate written by hand (a finite difference of a step function says nothing): the derivative
// of the graph with rounding left out.
import { describeGradients, type SpecTable } from "../test-support/gradient-spec.ts";
import type * as quantization from "./quantization.ts";

const SPEC: SpecTable<typeof quantization> = {
  QuantizeLinear: [
    {
      name: "zero outside of uint8's range",
      graph:
        "(float[5] x) => (y) <float s = {0.5}, uint8 z = {2}> { q = QuantizeLinear (x, s, z)  y = DequantizeLinear (q, s, z) }",
      at: { x: [-1.3, -1.2, 0.1, 126.7, 126.8] },
      expect: { x: [0, 1, 1, 1, 0] },
    },
    {
      name: "int8, one scale for each channel",
      graph:
        "(float[1,2,2] x) => (y) <float[2] s = {0.1, 1}, int8[2] z = {0, 10}> { q = QuantizeLinear <axis = 1> (x, s, z)  y = DequantizeLinear <axis = 1> (q, s, z) }",
      at: { x: [12.7, 12.8, 117.4, -138.6] },
      expect: { x: [1, 0, 1, 0] },
    },
    {
      name: "without a zero point; another scale on the way back",
      graph:
        "(float[2] x) => (y) <float s = {0.5}, float t = {2}, uint8 z = {0}> { q = QuantizeLinear (x, s)  y = DequantizeLinear (q, t, z) }",
      at: { x: [1, -1] },
      expect: { x: [4, 0] },
    },
    {
      name: "integers moved about on the way",
      graph:
        "(float[1,1,2,4] x) => (y) <float s = {1}, uint8 z = {0}, int64[2] f = {2, -1}, int64[1] last = {-1}> { q = QuantizeLinear (x, s, z)  p = MaxPool <kernel_shape = [2,2], strides = [2,2]> (q)  t = Transpose <perm = [0,1,3,2]> (p)  r = Reshape (t, f)  c = Concat <axis = 1> (r, r)  y = DequantizeLinear (c, s, z) }",
      at: { x: [1, 5, 2, 3, 4, 0, 9, 8] },
      expect: { x: [0, 2, 0, 0, 0, 0, 2, 0] },
    },
  ],
  DequantizeLinear: [
    {
      name: "by the integer, as if it were a real number, and by the scale",
      graph: "(uint8[3] q, float s) => (y) <uint8 z = {2}> { y = DequantizeLinear (q, s, z) }",
      at: { q: [0, 2, 5], s: [0.5] },
      seed: [1, 10, 100],
      expect: { q: [0.5, 5, 50], s: [298] },
    },
  ],
  DynamicQuantizeLinear: [
    {
      name: "as if nothing were rounded",
      graph: "(float[4] x) => (y) { q, s, z = DynamicQuantizeLinear (x)  y = DequantizeLinear (q, s, z) }",
      at: { x: [-1, 0, 1, 3] },
      seed: [1, 2, 3, 4],
      expect: { x: [1, 2, 3, 4] },
    },
  ],
  ConvInteger: [
    {
      name: "as the convolution of real numbers",
      graph:
        "(float[1,1,3] x) => (y) <float s = {0.5}, uint8 z = {4}, uint8[1,1,2] w = {3, 5}, uint8 wz = {1}> { q = QuantizeLinear (x, s, z)  i = ConvInteger (q, w, z, wz)  f = Cast <to = 1> (i)  y = Mul (f, s) }",
      at: { x: [0, 1, 2] },
      seed: [1, 10],
      expect: { x: [2, 24, 40] },
    },
  ],
  MatMulInteger: [
    {
      name: "as the product of real numbers, both operands quantized",
      graph:
        "(float[2,2] x, float[2,1] w) => (y) <float s = {0.5}, uint8 z = {4}> { q = QuantizeLinear (x, s, z)  v = QuantizeLinear (w, s, z)  i = MatMulInteger (q, v, z, z)  f = Cast <to = 1> (i)  t = Mul (f, s)  y = Mul (t, s) }",
      at: { x: [1, 2, 3, 4], w: [5, 6] },
      seed: [1, 10],
      expect: { x: [5, 6, 50, 60], w: [31, 42] },
    },
  ],
};

describeGradients(SPEC);
