// Every step on networks that somebody else trained, where a `shared` folder lies beside the repository. Oracle: onnxruntime-node.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openImages, openModel } from "snellen/node";
import { expect, it } from "vitest";
import { hasChromium } from "../../../packages/snellen/src/web/test-support/chromium.ts";
import { chooseFiles, goTo, inWorker, openApp, shown } from "./support/app.ts";

const SHARED = join(import.meta.dirname, "../../../../shared");
const MODEL = join(SHARED, "models/cifar10_resnet20_legacy_bn.onnx");
const LARGE = join(SHARED, "models/efficientnet_lite0_dynamo.onnx");
const PHOTO = join(SHARED, "images/samples/both.png");
const isThere = hasChromium && existsSync(MODEL) && existsSync(LARGE);

const pictures = (count: number): string[] =>
  readdirSync(join(SHARED, "cifar10/png"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".png"))
    .slice(0, count)
    .map((name) => join(SHARED, "cifar10/png", name));

const WISH = { method: "extended-cam", upsampling: "gaussian", layer: "auto", target: "top1" } as const;

it.skipIf(!isThere).each([
  { path: MODEL, photos: () => pictures(1) },
  { path: LARGE, photos: () => [PHOTO] },
])("gives Node's map of $path", async ({ path, photos }) => {
  await using app = await openApp();
  await chooseFiles(app.page, [path, ...photos()]);
  await app.page.locator(".heat-map canvas").waitFor();
  const looked = (await inWorker(app.page, "heatMaps", { image: 0, maps: [WISH] })) as {
    maps: { map: { values: number[] }; classIndex: number }[];
  };
  await using model = await openModel(path);
  const { entries } = await openImages(photos());
  const { method, ...wish } = WISH;
  const [map] = await model.cam([await (entries[0] as (typeof entries)[number]).read()], { method, ...wish });
  const largest = Math.max(...(map?.map.values ?? []).map(Math.abs));
  const apart = (map?.map.values ?? []).map((v, i) =>
    Math.abs(v - (looked.maps[0]?.map.values[i] ?? Number.NaN)),
  );
  expect(Math.max(...apart)).toBeLessThanOrEqual(1e-3 * Math.max(1, largest));
  expect(looked.maps[0]?.classIndex).toBe(map?.classIndex);
});

it.skipIf(!isThere)("goes through every step", async () => {
  await using app = await openApp();
  const { page } = app;
  await chooseFiles(page, [MODEL, ...pictures(8)]);
  await page.locator(".heat-map canvas").waitFor();
  await goTo(page, "inspect");
  await expect.poll(() => shown(page).textContent()).toContain("32 × 32 pixels");
  await goTo(page, "field");
  await shown(page).getByRole("button", { name: "Measure" }).click();
  await shown(page).getByRole("heading", { name: "Do all pixels count alike?" }).waitFor();
  await goTo(page, "stress");
  await shown(page).getByRole("combobox", { name: "Corruptions", exact: true }).selectOption("contrast");
  await shown(page).getByRole("button", { name: "Run" }).click();
  await shown(page).getByText("Save robustness.json").waitFor();
  await goTo(page, "norms");
  await shown(page).getByRole("button", { name: "Plan the decay" }).click();
  await shown(page).getByText("Parameter groups for PyTorch").waitFor();
  await goTo(page, "mend");
  await shown(page).getByRole("button", { name: "Pad the kernels" }).click();
  await shown(page)
    .getByRole("button", { name: /^Save cifar10_resnet20_legacy_bn\.even-kernels\.onnx/ })
    .waitFor();
  await goTo(page, "exam");
  await shown(page).getByRole("button", { name: "Examine" }).click();
  await shown(page).getByRole("button", { name: "Save as JSON" }).waitFor();
  expect([app.foreign, app.problems]).toEqual([[], []]);
});
