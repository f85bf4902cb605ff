// What only a process shows: exit codes, streams, and what Ctrl-C leaves behind.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeImage, readNpy } from "snellen/node";
import { expect, it } from "vitest";
import { CLASSIFIER, modelFile, pictureFile, temporaryFolder } from "./test-support/command-line.ts";

const SOURCE = [
  "--conditions=source",
  "--import",
  "tsx",
  fileURLToPath(new URL("./test-support/process.ts", import.meta.url)),
];

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [...SOURCE, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (text.stdout += chunk));
  child.stderr.on("data", (chunk) => (text.stderr += chunk));
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, ...text }));
  return { child, ended };
}

const at = await temporaryFolder();
const model = await modelFile(at("model.onnx"), CLASSIFIER);

it("prints one JSON document and nothing else", async () => {
  const { code, stdout, stderr } = await start(["inspect", model, "--json"]).ended;
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toMatchObject({ model: "model.onnx", defaultLayer: "f" });
});

it("ends with the exit code of the mistake", async () => {
  const { code, stdout, stderr } = await start(["inspect", at("nothing.onnx")]).ended;
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^error: .*no such file\. Did you mean .*model\.onnx\?\n$/);
});

it("leaves nothing half-written when it is interrupted, and ends with 130", async () => {
  const large = await modelFile(
    at("large.onnx"),
    `g (float[N,3,256,256] x, float[8,3,8,8] w, float[8,5] wy) => (float[N,5] y)
     { c = Conv <strides = [8, 8]> (x, w) f = Relu (c) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`,
  );
  const [photos, out] = [at("photos"), at("out")];
  await mkdir(photos);
  const photo = await pictureFile(at("photo.png"));
  for (let i = 0; i < 500; i++) await copyFile(photo, join(photos, `${i}.png`));
  const { child, ended } = start([
    "cam",
    large,
    "--images",
    photos,
    "--out",
    out,
    "--batch",
    "2",
    "--threads",
    "1",
  ]);
  const written = async () =>
    (await readdir(out).catch(() => [])).filter((name) => name.endsWith(".npy")).length;
  while ((await written()) < 4 && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill("SIGINT");
  const { code, signal, stderr } = await ended;
  expect([code, signal]).toEqual([130, null]);
  expect(stderr).toContain("interrupted; nothing half-written was left.");
  const files = await readdir(out);
  expect(files.filter((name) => name.startsWith(".") || name.endsWith(".tmp"))).toEqual([]);
  const manifest = JSON.parse(await readFile(join(out, "manifest.json"), "utf8"));
  expect(manifest.complete).toBe(false);
  expect(manifest.maps.length).toBeLessThan(500);
  for (const file of files.filter((name) => name.endsWith(".npy"))) await readNpy(join(out, file));
  for (const file of files.filter((name) => name.endsWith(".png"))) await decodeImage(join(out, file), file);
  const listed = manifest.maps.flatMap((m: { files: object }) => Object.values(m.files));
  expect(files).toEqual(expect.arrayContaining(listed));
});
