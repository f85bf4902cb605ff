// The app as static files: its own code, ONNX Runtime's WebAssembly under runtime/, and the embedded networks under examples/.
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultClientConditions, defineConfig, type Plugin } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const { resolve } = createRequire(import.meta.url);
const runtime = dirname(resolve("onnxruntime-web"));
const models = join(here, "../../models");

/** For hosts that take no file above 25 MiB: without the WebGPU of browsers that cannot suspend WebAssembly. */
const isSmall = process.env.SNELLEN_WEB_SMALL === "1";
const BUILDS = ["", ".jspi", ...(isSmall ? [] : [".asyncify"])];

/** Where each file is served, and where it lies. */
const FILES: ReadonlyMap<string, string> = new Map([
  ...BUILDS.flatMap((build) =>
    ["mjs", "wasm"].map((type) => {
      const name = `ort-wasm-simd-threaded${build}.${type}`;
      return [`runtime/${name}`, join(runtime, name)] as const;
    }),
  ),
  ...["optotypes-cnn.onnx", "optotypes-vit.onnx"].map(
    (name) => [`examples/${name}`, join(models, name)] as const,
  ),
]);

const TYPES: Readonly<Record<string, string>> = { mjs: "text/javascript", wasm: "application/wasm" };

/** Serves and copies files as they are. */
const asTheyAre: Plugin = {
  name: "as-they-are",
  configureServer(server) {
    server.middlewares.use((request, response, next) => {
      const path = FILES.get((request.url ?? "").replace(/^\//, "").replace(/\?.*$/, ""));
      if (path === undefined) return next();
      response.setHeader(
        "Content-Type",
        TYPES[basename(path).split(".").at(-1) ?? ""] ?? "application/octet-stream",
      );
      createReadStream(path).pipe(response);
    });
  },
  async generateBundle() {
    for (const [fileName, path] of FILES)
      this.emitFile({ type: "asset", fileName, source: await readFile(path) });
  },
};

/** What makes a page cross-origin isolated, so that WebAssembly may have threads. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  root: here,
  base: "./",
  resolve: {
    // its modules, of which what is not used can be left out
    alias: [{ find: /^ml-matrix$/, replacement: join(dirname(resolve("ml-matrix")), "src/index.js") }],
    conditions: ["source", "onnxruntime-web-use-extern-wasm", ...defaultClientConditions],
  },
  plugins: [asTheyAre],
  worker: { format: "es" },
  build: {
    target: "es2023",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { headers, port: 7357 },
  preview: { headers },
});
