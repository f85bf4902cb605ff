// The app in headless Chromium: time to the first picture, a heat map of a network of ResNet-50's size, how long the page itself is
// blocked, what is left of a model's memory when the next one is opened, and the weight of the code.
// Usage: npm run web:build && npx tsx --conditions=source bench/web.ts [--rounds 5]
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { serializeModel } from "@snellen/graph";
import type { Page } from "playwright-core";
import { resnet } from "snellen";
import { writeFileAtomic } from "snellen/node";
import { serveApp } from "../packages/cli/src/view/serve-app.ts";
import { launchChromium } from "../packages/snellen/src/web/test-support/chromium.ts";

const { values: flags } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });
const rounds = Number(flags.rounds);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
const told = (values: readonly number[], unit: string): string =>
  `${Math.round(median(values))} ${unit} (${Math.round(Math.min(...values))} to ${Math.round(Math.max(...values))})`;

const ASSETS = here("../apps/web/dist/assets");
const weights = readdirSync(ASSETS)
  .filter((name) => /\.(js|css)$/.test(name))
  .map((name) => ({ name, bytes: gzipSync(readFileSync(join(ASSETS, name)), { level: 9 }).length }));
const isRuntime = ({ name }: { name: string }): boolean => name.startsWith("ort.");
const kilobytes = (parts: typeof weights): string =>
  `${(parts.reduce((sum, { bytes }) => sum + bytes, 0) / 1000).toFixed(0)} kB`;

const control = new AbortController();
const { url, closed } = await serveApp(new Map(), { port: undefined, signal: control.signal });
const folder = await mkdtemp(join(tmpdir(), "snellen-bench-"));
const large = join(folder, "resnet50.onnx");
await writeFileAtomic(large, serializeModel(resnet50()));

const firsts: number[] = [];
const maps: number[] = [];
const blocked: number[] = [];
const loaded = new Set<string>();
const memory: number[] = [];
for (let round = 0; round < rounds; round++) {
  const browser = await launchChromium(["--enable-blink-features=ForceEagerMeasureMemory"]);
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000);
    page.on("response", (response) => loaded.add(response.url().split("/").at(-1) ?? ""));
    await page.addInitScript(() => {
      const long: number[] = [];
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) long.push(duration);
      }).observe({ type: "longtask", buffered: true });
      Object.assign(globalThis, { long });
    });
    await page.goto(url);
    await page.getByRole("button", { name: "optotypes-cnn.onnx" }).waitFor();
    firsts.push(await firstPicture(page));
    if (round === 0) memory.push(await memoryOf(page));
    await page.getByLabel("Open a model…").setInputFiles([large]);
    await page.locator(".brand", { hasText: "resnet50.onnx" }).waitFor();
    await page.locator(".heat-map canvas").waitFor();
    maps.push(...(await mapTimes(page)));
    if (round === 0) {
      memory.push(await memoryOf(page));
      await page.getByLabel("Open a model…").setInputFiles([here("../models/optotypes-cnn.onnx")]);
      await page.locator(".brand", { hasText: "optotypes-cnn.onnx" }).waitFor();
      await page.locator(".heat-map canvas").waitFor();
      memory.push(await memoryOf(page));
    }
    blocked.push(
      await page.evaluate(() => Math.max(0, ...(globalThis as unknown as { long: number[] }).long)),
    );
  } finally {
    await browser.close();
  }
}
control.abort();
await closed;
await rm(folder, { recursive: true });

const own = weights.filter((part) => !isRuntime(part));
console.log(`| what | measured |
| --- | --- |
| first picture of an embedded network, from the click on it | ${told(firsts, "ms")} |
| heat map of ResNet-50 (224 × 224, Extended-CAM), once its session exists | ${told(maps, "ms")} |
| longest that the page itself was blocked in a round | ${told(blocked, "ms")} |
| app's code, gzipped: loaded for the first picture | ${kilobytes(own.filter(({ name }) => loaded.has(name)))} |
| app's code, gzipped: all of it | ${kilobytes(own)} |
| page's memory with the small network, with ResNet-50, with the small one again | ${memory.map((bytes) => `${Math.round(bytes / 2 ** 20)} MB`).join(", ")} |`);

/** Untrained: what it sees does not matter here. */
function resnet50() {
  return resnet.build(
    {
      classes: 1000,
      size: [224, 224],
      block: "bottleneck",
      blocks: [3, 4, 6, 3],
      widths: [64, 128, 256, 512],
      stem: "pooled",
    },
    0,
  );
}

async function firstPicture(page: Page): Promise<number> {
  const start = Date.now();
  await page.getByRole("button", { name: "optotypes-cnn.onnx" }).click();
  await page.locator(".heat-map canvas").waitFor();
  return Date.now() - start;
}

/** The session is there after the first. */
async function mapTimes(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const { snellen } = globalThis as unknown as {
      snellen: { call(method: string, args: unknown): Promise<unknown> };
    };
    const wish = { method: "extended-cam", upsampling: "gaussian", layer: "auto", target: "top1" };
    const times: number[] = [];
    for (let image = 0; image < 4; image++) {
      const start = performance.now();
      await snellen.call("heatMaps", { image, maps: [wish] });
      if (image > 0) times.push(performance.now() - start);
    }
    return times;
  });
}

/** Of the page and its workers, as the browser counts it. */
function memoryOf(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { measureUserAgentSpecificMemory } = performance as unknown as {
      measureUserAgentSpecificMemory(): Promise<{ bytes: number }>;
    };
    return (await measureUserAgentSpecificMemory.call(performance)).bytes;
  });
}
