// Runs command lines in this process and catches what they print; makes the models and pictures that they work on.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { elementCount, type Model, makeTensor, parseGraphText, serializeModel } from "@snellen/graph";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { encodePng } from "snellen/node";
import { afterAll, expect } from "vitest";
import { run } from "../main.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `snellen <args>`; nothing is a terminal. */
export async function snellen(...args: string[]): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await run(args, {
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
  });
  return { code, stdout: out.join(""), stderr: err.join("") };
}

/** Runs a command line that must fail: the error as `--json` tells it, after checking what people get to read. */
export async function failure(
  ...args: string[]
): Promise<{ code: string; message: string; exitCode: number }> {
  const [command = "", ...rest] = args;
  const [plain, json] = [await snellen(...args), await snellen(command, "--json", ...rest)];
  const { error } = JSON.parse(json.stderr.trim().split("\n").at(-1) as string);
  expect(plain.stderr.endsWith(`error: ${error.message}\n`) || error.exitCode === 1).toBe(true);
  expect([plain.code, json.code]).toEqual([error.exitCode, error.exitCode]);
  expect([plain.stdout, json.stdout]).toEqual(["", ""]);
  expect(plain.stderr).not.toMatch(/^\s+at /m);
  return error;
}

/** Paths in a folder that is gone after the tests of the file; without names the folder itself. */
export async function temporaryFolder(): Promise<(...names: string[]) => string> {
  const folder = await mkdtemp(join(tmpdir(), "snellen-cli-"));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return (...names) => join(folder, ...names);
}

/** Parses a model; its inputs besides the first become weights of seeded noise. */
export function textModel(text: string): Model {
  const model = parseGraphText(text);
  const [image, ...weights] = model.graph.inputs;
  let state = 1;
  const noise = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const initializers = new Map(model.graph.initializers);
  for (const { name, dataType = "float32", dims = [] } of weights) {
    const sizes = dims as number[];
    initializers.set(name, makeTensor(dataType, sizes, Array.from({ length: elementCount(sizes) }, noise)));
  }
  return { ...model, graph: { ...model.graph, inputs: image === undefined ? [] : [image], initializers } };
}

/** Writes a model written as text and returns its path. */
export async function modelFile(path: string, text: string): Promise<string> {
  await writeFile(path, serializeModel(textModel(text)));
  return path;
}

/** Five scores of a 16x16 picture. */
export const CLASSIFIER = `g (float[N,3,16,16] x, float[8,3,3,3] w, float[8,5] wy) => (float[N,5] y)
  { c = Conv (x, w) f = Relu (c) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`;

/** A picture of seeded noise. */
export async function pictureFile(path: string, seed = 1, width = 20, height = 16): Promise<string> {
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => (i * (37 + seed) + ((i * i) % (90 + seed))) % 256,
  );
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await encodePng({ width, height, data }));
  return path;
}

/** Output `y` of two seeded images of 16x16, by ONNX Runtime. */
export async function scores(path: string): Promise<number[]> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const values = Float32Array.from({ length: 2 * 3 * 256 }, (_, i) => Math.sin(i * i));
  const { y } = await session.run({ image: new Tensor("float32", values, [2, 3, 16, 16]) });
  await session.release();
  return Array.from(y?.data as Float32Array);
}
