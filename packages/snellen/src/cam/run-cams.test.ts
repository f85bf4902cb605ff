// Oracle: the maps of each image and method made alone.
import { expect, it } from "vitest";
import { openTextModel } from "../vision-model/test-support/text-model.ts";
import { possible } from "./study.ts";
import { tensorImage } from "./targets/test-support/finite-cells.ts";

const FLAT = `g (float[N,3,8,8] x, float[192,6] w, float[6,5] v) => (float[N,5] y)
  { q = Flatten (x) h = MatMul (q, w) r = Relu (h) y = MatMul (r, v) }`;

it("makes maps by the pixel of networks without a feature layer, and says that others need one", async () => {
  await using model = openTextModel(FLAT);
  const images = [tensorImage(model, 1)];
  for (const method of ["guided-backprop", "full-grad"]) {
    const [map] = await model.cam(images, { method });
    expect(map).toMatchObject({ method, layer: "x", map: { dims: [8, 8] } });
    expect(map?.map.values.some((v) => v !== 0)).toBe(true);
    const wanted = [{ name: method, method, upsampling: "bilinear", options: {} }];
    expect(possible(model, wanted)).toEqual({ allowed: wanted, refused: [] });
  }
  const both = model.cams(images, ["guided-backprop", "grad-cam"]);
  await expect(both).rejects.toMatchObject({ code: "no-spatial-layer" });
});

it("takes the plain gradient of a layer that does nothing but gate others", async () => {
  const gated = `g (float[N,3,8,8] x, float[4,3,3,3] w, float[4,3,3,3] u, float[4,5] v) => (float[N,5] y)
    { a = Conv (x, w) c = Conv (x, u) g = Sigmoid (c) m = Mul (a, g) p = GlobalAveragePool (m) q = Flatten (p)
      y = Gemm (q, v) }`;
  await using model = openTextModel(gated);
  const images = [tensorImage(model, 1)];
  const maps = async (head: "gradient" | "homogeneous", layer: string) =>
    (await model.cam(images, { method: "extended-cam", head, layer, remainder: "none" }))[0];
  const [plain, held] = [await maps("gradient", "c"), await maps("homogeneous", "c")];
  expect(held?.cells.values.some((v) => v !== 0)).toBe(true);
  expect(held?.cells.values).toEqual(plain?.cells.values);
  // the layer that is gated has all of the score
  expect((await maps("homogeneous", "a"))?.conservationError).toBeLessThan(1e-5);
});
