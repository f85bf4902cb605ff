// Oracle: an image whose pixels hold their own position, through graphs that only move values about; a feature map must
// have every position where it belongs.
import { createBuilder, inferShapes, parseGraphText, serializeModel, withGraph } from "@snellen/graph";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, it } from "vitest";
import { followSpace, imageSpace } from "../vision-model/follow-space.ts";
import { toFeatureMap } from "./feature-map.ts";

const [N, K, H, W] = [2, 3, 4, 6] as const;

/** Position y·W + x of each pixel, the same in every image, plus 100 for each channel. */
const positions = Float32Array.from(
  { length: N * K * H * W },
  (_, i) => (i % (H * W)) + 100 * (Math.floor(i / (H * W)) % K),
);

const GRAPHS: Readonly<Record<string, string>> = {
  "as it is": "{ y = Relu (x) }",
  "channels last": "{ y = Transpose <perm = [0, 2, 3, 1]> (x) }",
  "rows and columns swapped": "{ y = Transpose <perm = [0, 3, 2, 1]> (x) }",
  "tokens, channels first": "<int64[3] s = {0, 0, -1}> { y = Reshape (x, s) }",
  "tokens, channels last":
    "<int64[3] s = {0, 0, -1}> { t = Reshape (x, s) y = Transpose <perm = [0, 2, 1]> (t) }",
  "tokens between others": `<int64[3] s = {0, 0, -1}, int64[6] around = {0, 0, 2, 0, 0, 1}>
    { t = Reshape (x, s) y = Pad (t, around) }`,
  "tokens column by column":
    "<int64[3] s = {0, 0, -1}> { t = Transpose <perm = [0, 1, 3, 2]> (x) y = Reshape (t, s) }",
  "tokens in blocks": `<int64[6] cut = {0, 0, 2, 2, 3, 2}, int64[3] s = {0, 0, -1}>
    { r = Reshape (x, cut) t = Transpose <perm = [0, 1, 3, 5, 2, 4]> (r) y = Reshape (t, s) }`,
  "merged with the batch": `<int64[2] s = {-1, 3}> { t = Transpose <perm = [0, 2, 3, 1]> (x) y = Reshape (t, s) }`,
  "through windows and back": `<int64[6] cut = {0, 0, 2, 2, 3, 2}, int64[3] s = {-1, 4, 3}, int64[6] c2 = {-1, 2, 3, 2, 2, 3}, int64[4] w = {-1, 4, 6, 3}>
    { r = Reshape (x, cut) t = Transpose <perm = [0, 2, 4, 3, 5, 1]> (r) v = Reshape (t, s) u = Reshape (v, c2)
      b = Transpose <perm = [0, 1, 3, 2, 4, 5]> (u) y = Reshape (b, w) }`,
  "shifted and shifted back": `<int64[1] a = {0}, int64[1] b = {1}, int64[1] e = {9}, int64[1] m = {-1}, int64[1] axis = {2}>
    { s1 = Slice (x, b, e, axis) s2 = Slice (x, a, b, axis) r = Concat <axis = 2> (s1, s2)
      t1 = Slice (r, m, e, axis) t2 = Slice (r, a, m, axis) y = Concat <axis = 2> (t1, t2) }`,
  "shifted by indices": `<int64[6] i = {4, 5, 0, 1, 2, 3}, int64[6] j = {2, 3, 4, 5, 0, 1}>
    { t = Gather <axis = 3> (x, i) y = Gather <axis = 3> (t, j) }`,
};

it.each(Object.entries(GRAPHS))("lays out a value that is %s", async (_, text) => {
  const model = parseGraphText(`g (float[N,${K},${H},${W}] x) => (float[] y) ${text}`);
  const shapes = inferShapes(model);
  const b = createBuilder(withGraph(model, { outputs: [] }), shapes);
  const dims = shapes.probes[0]?.get("x")?.dims ?? [];
  const layout = followSpace(b, model.graph.nodes, "x", imageSpace(dims, "NCHW")).get("y")?.layout;
  expect(layout).toBeDefined();
  b.output(toFeatureMap(b, "y", layout!), "map");
  const session = await InferenceSession.create(serializeModel(b.build()), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const { map } = await session.run({ x: new Tensor("float32", positions, [N, K, H, W]) });
  expect(map?.dims).toEqual([N, K, H, W]);
  expect(Array.from(map?.data as Float32Array)).toEqual(Array.from(positions));
  await session.release();
});

it("does not call a shifted value a map", () => {
  const model = parseGraphText(`g (float[N,3,4,6] x) => (float[] y) <int64[6] i = {4, 5, 0, 1, 2, 3}>
    { y = Gather <axis = 3> (x, i) }`);
  const shapes = inferShapes(model);
  const spaces = followSpace(
    createBuilder(model, shapes),
    model.graph.nodes,
    "x",
    imageSpace([2, 3, 4, 6], "NCHW"),
  );
  expect(spaces.get("y")?.layout).toBeUndefined();
  expect(spaces.get("y")?.space.roll).toEqual([0, 4]);
});
