// What `snellen/report` weighs in an app. Oracle: esbuild, which says what it took in; gzip.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, it } from "vitest";

/** Bytes, compressed, of all components, their stylesheet and Preact. */
const MOST = 40_000;

it("is small, and pulls in neither methods nor zod nor Vega", async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [new URL("index.ts", import.meta.url).pathname],
    bundle: true,
    format: "esm",
    platform: "browser",
    conditions: ["source"],
    minify: true,
    metafile: true,
    write: false,
  });
  expect(gzipSync(outputFiles[0]?.contents ?? "").length).toBeLessThan(MOST);
  const inputs = Object.values(metafile.outputs)[0]?.inputs ?? {};
  const taken = Object.keys(inputs).filter((path) => (inputs[path]?.bytesInOutput ?? 0) > 0);
  const packages = new Set(
    taken.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
  );
  expect([...packages].filter((name) => !/^(preact|d3-\w+|internmap)$/.test(name))).toEqual([]);
  const folders = new Set(taken.flatMap((path) => /packages\/snellen\/src\/([^/]+)\//.exec(path)?.[1] ?? []));
  expect([...folders].filter((name) => !["report", "images", "robustness"].includes(name))).toEqual([]);
});
