// Oracle: principal components are linear in a common factor of the features.
import { expect, it } from "vitest";
import { openTextModel } from "../vision-model/test-support/text-model.ts";
import { tensorImage } from "./targets/test-support/finite-cells.ts";

const HEAD = "p = GlobalAveragePool (f) q = Flatten (p) y = MatMul (q, v) }";

it.each([1e-15, 1e-25, 1e18])("finds the direction of features of about %s", async (factor) => {
  await using model = openTextModel(`g (float[N,3,6,6] x, float[40,3,1,1] w, float[40,4] v) => (float[N,4] y)
    { f = Conv (x, w) ${HEAD}`);
  const image = tensorImage(model, 1);
  const options = { method: "eigen-cam", layer: "f", target: 0 };
  const [plain] = await model.cam([image], options);
  const scaled = { ...image, values: image.values.map((v) => v * factor) };
  const [small] = await model.cam([scaled], options);
  const highest = Math.max(...(plain?.cells.values ?? []).map(Math.abs));
  expect(highest).toBeGreaterThan(0.1);
  small?.cells.values.forEach((v, i) => {
    expect(v / factor).toBeCloseTo(plain?.cells.values[i] as number, 4);
  });
});

it("gives zeros for features that are zero", async () => {
  await using model = openTextModel(`g (float[N,3,6,6] x, float[4,3,1,1] w, float[4,4] v) => (float[N,4] y)
    { f = Conv (x, w) ${HEAD}`);
  const image = tensorImage(model, 1);
  const [map] = await model.cam([{ ...image, values: image.values.map(() => 0) }], {
    method: "eigen-cam",
    layer: "f",
    target: 0,
  });
  expect(map?.cells.values.every((v) => v === 0)).toBe(true);
});
