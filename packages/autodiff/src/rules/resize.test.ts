// Oracle: finite differences (test-support/gradient-spec.ts) of ONNX Runtime's own Resize.
import { describeGradients, type SpecTable } from "../test-support/gradient-spec.ts";
import type * as resize from "./resize.ts";

const to = (name: string, attributes: string, sizes: string, x = "2,5,6") => ({
  name,
  graph: `(float[N,${x}] x) => (y) <int64[2] s = {${sizes}}> { y = Resize <axes = [2,3], ${attributes}> (x, , , s) }`,
  precision: "float" as const,
});
const by = (name: string, attributes: string, scales: string, x = "2,5,6") => ({
  name,
  graph: `(float[N,${x}] x) => (y) <float[4] s = {1,1,${scales}}> { y = Resize <${attributes}> (x, , s) }`,
  precision: "float" as const,
});

const coordinates = [
  "half_pixel",
  "asymmetric",
  "pytorch_half_pixel",
  "align_corners",
  "half_pixel_symmetric",
];
const rounding = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];

const SPEC: SpecTable<typeof resize> = {
  Resize: [
    ...coordinates.flatMap((c) => [
      ...rounding.map((n) =>
        to(
          `nearest, ${c}, ${n}`,
          `mode = "nearest", coordinate_transformation_mode = "${c}", nearest_mode = "${n}"`,
          "8,4",
        ),
      ),
      to(`linear, ${c}, to sizes`, `mode = "linear", coordinate_transformation_mode = "${c}"`, "9,4"),
      to(`linear, ${c}, to one row`, `mode = "linear", coordinate_transformation_mode = "${c}"`, "1,6"),
      by(`linear, ${c}, by scales`, `mode = "linear", coordinate_transformation_mode = "${c}"`, "1.7,0.6"),
      to(`cubic, ${c}`, `mode = "cubic", coordinate_transformation_mode = "${c}"`, "9,4"),
      by(`cubic, ${c}, by scales`, `mode = "cubic", coordinate_transformation_mode = "${c}"`, "0.6,1.7"),
    ]),
    by(
      "nearest, doubled and tripled",
      'mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"',
      "2,3",
    ),
    by("nearest, doubled, half_pixel", 'mode = "nearest"', "2,2"),
    by("nearest, doubled along one axis", 'mode = "nearest"', "1,2"),
    by(
      "nearest, halved",
      'mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"',
      "0.5,0.5",
    ),
    by(
      "nearest, by thirds: rounding in single precision",
      'mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"',
      "3.3333333,0.33333334",
      "2,9,9",
    ),
    to("cubic, coefficient −0.5", 'mode = "cubic", cubic_coeff_a = -0.5', "7,9"),
    to("cubic, outside excluded", 'mode = "cubic", exclude_outside = 1', "7,9"),
    ...["linear", "cubic"].flatMap((mode) => [
      to(`${mode} with antialias, smaller`, `mode = "${mode}", antialias = 1`, "3,4", "2,8,9"),
      to(`${mode} with antialias, larger`, `mode = "${mode}", antialias = 1`, "9,7"),
      to(
        `${mode} with antialias, outside excluded`,
        `mode = "${mode}", antialias = 1, exclude_outside = 1`,
        "3,11",
        "2,8,9",
      ),
    ]),
    to("linear, aspect kept", 'mode = "linear", keep_aspect_ratio_policy = "not_larger"', "9,8"),
    to("linear, aspect kept, at least", 'mode = "linear", keep_aspect_ratio_policy = "not_smaller"', "9,8"),
    {
      name: "linear, cropped to a region that reaches outside",
      graph:
        '(float[N,2,5,6] x) => (y) <float[8] roi = {0,0,0.2,-0.1, 1,1,0.7,1.2}, int64[4] s = {1,2,4,7}> { h = Shape <end = 1> (x)  t = Slice (s, one, four)  z = Concat <axis = 0> (h, t)  y = Resize <mode = "linear", coordinate_transformation_mode = "tf_crop_and_resize", extrapolation_value = 3.0> (x, roi, , z) }'.replace(
          "int64[4] s",
          "int64[1] one = {1}, int64[1] four = {4}, int64[4] s",
        ),
      precision: "float",
    },
    {
      name: "nearest, 1-D",
      graph: '(float[N,2,5] x) => (y) <float[3] s = {1,1,2}> { y = Resize <mode = "nearest"> (x, , s) }',
      precision: "float",
    },
    {
      name: "linear, 3-D",
      graph:
        '(float[N,2,3,4,3] x) => (y) <float[5] s = {1,1,2,1.5,0.7}> { y = Resize <mode = "linear"> (x, , s) }',
      precision: "float",
    },
    {
      name: "linear, channels last",
      graph: '(float[N,4,5,2] x) => (y) <float[4] s = {1,1.5,2,1}> { y = Resize <mode = "linear"> (x, , s) }',
      precision: "float",
    },
    {
      name: "sizes from Shape",
      graph:
        '(float[N,2,3,4] x, float[N,2,7,9] t) => (y) <int64[1] from = {2}, int64[1] to = {4}, int64[1] zero = {0}> { sx = Shape (x)  st = Shape (t)  a = Slice (sx, zero, from)  c = Slice (st, from, to)  s = Concat <axis = 0> (a, c)  y = Resize <mode = "linear"> (x, , , s) }',
      wrt: ["x"],
      precision: "float",
    },
  ],
};

describeGradients(SPEC);
