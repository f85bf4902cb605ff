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
