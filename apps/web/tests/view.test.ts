// `snellen view` as a process: what it serves, to whom, and that Ctrl-C ends it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const MODELS = join(ROOT, "models");

function start(...args: readonly string[]) {
  const source = [
    "--conditions=source",
    "--import",
    "tsx",
    join(ROOT, "packages/cli/src/test-support/process.ts"),
  ];
  const child = spawn(process.execPath, [...source, "view", ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (text.stdout += chunk));
  child.stderr.on("data", (chunk) => (text.stderr += chunk));
  const ended = once(child, "close").then(([code]) => ({ code, ...text }));
  return { child, text, ended };
}

/** Status of a request under a host's name that another page could give itself. */
async function statusOf(url: string, host: string): Promise<number | undefined> {
  const asked = request(url, { headers: { host } });
  asked.end();
  const [response] = await once(asked, "response");
  response.resume();
  return response.statusCode;
}

it("serves the app with what it is to open, to this machine and its own page alone, until Ctrl-C", async () => {
  const images = join(MODELS, "optotypes/images");
  const { child, text, ended } = start(
    join(MODELS, "optotypes-cnn.onnx"),
    "--images",
    images,
    "--no-open",
    "--json",
  );
  await expect.poll(() => text.stdout).toContain("}");
  const { url } = JSON.parse(text.stdout) as { url: string };
  const page = await fetch(url);
  expect(page.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
  expect(page.headers.get("cross-origin-opener-policy")).toBe("same-origin");
  expect(await page.text()).toContain('<div id="app">');
  const at = (path: string): string => new URL(path, url).href;
  const given = (await (await fetch(at("/given/index.json"))).json()) as string[];
  expect(given.slice(0, 1)).toEqual(["optotypes-cnn.onnx"]);
  // pictures, their masks, and the file that tells their classes
  expect(given.filter((path) => path.startsWith("optotypes/"))).toHaveLength(60 + 60 + 1);
  const model = await fetch(at("/given/optotypes-cnn.onnx"));
  const bytes = await readFile(join(MODELS, "optotypes-cnn.onnx"));
  expect([model.status, model.headers.get("content-length")]).toEqual([200, String(bytes.length)]);
  expect(bytes.equals(Buffer.from(await model.arrayBuffer()))).toBe(true);
  expect((await fetch(at("/runtime/ort-wasm-simd-threaded.wasm"))).headers.get("content-type")).toBe(
    "application/wasm",
  );
  for (const path of ["/given/..%2f..%2fpackage.json", "/given/nothing.onnx", "/..%2f..%2fpackage.json"])
    expect((await fetch(at(path))).status, path).toBe(404);
  expect(await statusOf(at("/given/index.json"), "evil.example")).toBe(403);
  child.kill("SIGINT");
  expect((await ended).code).toBe(0);
});

it("says what is wrong with what it is given", async () => {
  const { code, stderr } = await start("nothing.onnx", "--no-open").ended;
  expect([code, stderr]).toEqual([2, expect.stringContaining("no such file")]);
});
