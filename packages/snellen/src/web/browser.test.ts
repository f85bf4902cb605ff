// The packages in a real browser: bundled, run on onnxruntime-web's WebAssembly in headless Chromium, and compared with Node.
// Oracle: the same heat map from onnxruntime-node; both runtimes compute in float32, in another order.
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { corrupt } from "../corruptions/corrupt.ts";
import { corruptions } from "../corruptions/index.ts";
import { makeOptotype } from "../datasets/optotypes/optotype.ts";
import { openModel } from "../node/open-model.ts";
import { hasChromium, launchChromium } from "./test-support/chromium.ts";

const MODEL = fileURLToPath(new URL("../../../../models/optotypes-cnn.onnx", import.meta.url));
const ORT = join(dirname(createRequire(import.meta.url).resolve("onnxruntime-web")));

const { image } = makeOptotype({ seed: 11, index: 3, size: 64 });

const TYPES: Record<string, string> = {
  js: "text/javascript",
  mjs: "text/javascript",
  wasm: "application/wasm",
  html: "text/html",
};

/** Serves the page, its bundle, the model, an image, and the runtime's own files. */
async function serve(bundle: Uint8Array): Promise<Server> {
  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    const body = await bodyOf(path, bundle).catch(() => undefined);
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    response.setHeader(
      "Content-Type",
      TYPES[path.split(".").at(-1) ?? ""] ?? (path === "/" ? "text/html" : "application/octet-stream"),
    );
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

async function bodyOf(path: string, bundle: Uint8Array): Promise<Uint8Array | string | undefined> {
  if (path === "/")
    return '<!doctype html><title>Snellen</title><script type="module" src="/page.js"></script>';
  if (path === "/page.js") return bundle;
  if (path === "/model.onnx") return readFile(MODEL);
  if (path === "/image.rgb") return image.data;
  return path.startsWith("/ort/") ? readFile(join(ORT, path.slice("/ort/".length))) : undefined;
}

describe.skipIf(!hasChromium)("in Chromium", () => {
  let server: Server;
  beforeAll(async () => {
    const result = await build({
      entryPoints: [fileURLToPath(new URL("./test-support/page.ts", import.meta.url))],
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
      target: "es2022",
      conditions: ["source"],
      logLevel: "error",
    });
    server = await serve(result.outputFiles[0]?.contents ?? new Uint8Array());
  });
  afterAll(() => {
    server?.close();
  });

  it("computes the heat map, and corrupts pictures, as Node does", async () => {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const problems: string[] = [];
      page.on("pageerror", (error) => problems.push(error.message));
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const seen = await page.evaluate(() => (globalThis as unknown as { done: Promise<PageResult> }).done);
      expect(problems).toEqual([]);
      expect(seen.error).toBeUndefined();
      await using model = await openModel(MODEL);
      const [map] = await model.cam([{ ...image, source: "image" }], { method: "grad-cam" });
      expect(seen.map?.classIndex).toBe(map?.classIndex);
      expect(seen.map?.dims).toEqual([...(map?.map.dims ?? [])]);
      const difference = Math.max(
        ...(map?.map.values ?? []).map((v, i) => Math.abs(v - (seen.map?.map[i] ?? Number.NaN))),
      );
      expect(difference).toBeLessThanOrEqual(1e-3);
      expect(Math.max(...(map?.map.values ?? []))).toBeGreaterThan(0.01);
      for (const [i, own] of corruptions.entries()) {
        const { data } = corrupt({ ...image, source: "image" }, own, { severity: 3, seed: 5 });
        expect(largestDifference(seen.map?.corrupted[i] ?? [], data), own.id).toBeLessThanOrEqual(1);
      }
    } finally {
      await browser.close();
    }
  });
});

/** Engines may differ in the last digit of an exponential, so that a byte may be cut off one lower. */
const largestDifference = (seen: readonly number[], expected: Uint8Array): number =>
  expected.reduce((most, byte, i) => Math.max(most, Math.abs(byte - (seen[i] ?? Number.NaN))), 0);

interface PageResult {
  readonly error?: string;
  readonly map?: {
    readonly classIndex: number;
    readonly score: number;
    readonly dims: number[];
    readonly map: number[];
    readonly corrupted: number[][];
  };
}
