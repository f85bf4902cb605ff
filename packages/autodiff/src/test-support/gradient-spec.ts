// The gradient oracle: rows of small graphs, each checked by finite differences in random directions, at batch sizes other
// than those that shapes are probed with, in first and second order, in double and in single precision.
// Table of specs after the idea of JAX's lax_autodiff_test; the comparison is derived here.
import {
  createBuilder,
  type DataType,
  inferShapes,
  isFloating,
  knownDims,
  type Model,
  parseGraphText,
  type Shapes,
  UnsupportedError,
} from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { differentiate } from "../differentiate.ts";
import { type Distribution, normal, type Random, seededRandom, seedOf } from "./random.ts";
import { type Feeds, openModel, type RunnableModel, type Values } from "./run-model.ts";

interface Row {
  readonly name: string;
  /** ONNX text without the graph's name; `float` stands for double precision too. Batch: a symbolic first dimension. */
  readonly graph: string;
  /** Version of the standard operator set; default 20. */
  readonly opset?: number;
  /** Values to differentiate by; default: all floating inputs. */
  readonly wrt?: readonly string[];
}

/** Checked by finite differences. */
export interface SampledRow extends Row {
  /** Distributions off the kinks; default normal. */
  readonly inputs?: Readonly<Record<string, Distribution>>;
  /** `float` where ONNX Runtime has no double kernel: differences are then coarse. Default double. */
  readonly precision?: "double" | "float";
  /** Largest |difference − gradient · direction| relative to the gradient's norm; default 1e-6 (double), 2e-3 (float). */
  readonly tolerance?: number;
  /** Why the tolerance is not the default. */
  readonly why?: string;
  /** Largest relative distance of the single-precision gradient from the double one; default 1e-5. */
  readonly singleTolerance?: number;
  /** False where the second derivative cannot be checked, with `why`. Default true. */
  readonly secondOrder?: boolean;
}

/** Checked against numbers written by hand: ties, kinks, zeros, where a convention decides. */
export interface LiteralRow extends Row {
  readonly at: Readonly<Record<string, readonly number[]>>;
  /** Output gradient; default ones. */
  readonly seed?: readonly number[];
  readonly expect: Readonly<Record<string, readonly number[]>>;
}

export type GradientRow = SampledRow | LiteralRow;

/** One list of rows for each rule of a family: an operator without rows does not compile. */
export type SpecTable<Family> = { readonly [Operator in keyof Family]: readonly GradientRow[] };

/** Batch sizes at which gradients are checked; shapes are probed at 2 and 3. */
const BATCHES = [1, 5];
const DIRECTIONS = 3;
const PRECISIONS = {
  double: { step: 1e-5, tolerance: 1e-6 },
  float: { step: 4e-3, tolerance: 2e-3 },
} as const;
const SINGLE_TOLERANCE = 1e-5;

/** Registers one test per row. */
export function describeGradients<Family>(table: SpecTable<Family>): void {
  for (const [operator, rows] of Object.entries<readonly GradientRow[]>(table)) {
    describe(operator, () => {
      it.each(rows.map((row) => [row.name, row] as const))("%s", async (_, row) => {
        await checkRow(row);
      });
    });
  }
}

export const checkRow = (row: GradientRow): Promise<void> =>
  "expect" in row ? checkLiteral(row) : checkGradients(row);

interface Problem {
  readonly model: Model;
  readonly shapes: Shapes;
  readonly of: readonly string[];
  readonly wrt: readonly string[];
  /** Dimensions of an input or of a value of `of` at a batch size; they may grow faster than the batch. */
  readonly dims: (value: string, batch: number) => readonly number[];
}

function problemOf(row: Row, precision: "double" | "float"): Problem {
  const text = precision === "double" ? row.graph.replace(/\bfloat\b(?=\[| )/g, "double") : row.graph;
  const parsed = parseGraphText(`<ir_version: 10, opset_import: ["" : ${row.opset ?? 20}]> g ${text}`);
  const shapes = inferShapes(parsed);
  const b = createBuilder(parsed, shapes);
  const { inputs, outputs } = parsed.graph;
  const of = outputs.map((v) => v.name).filter((name) => isFloating(b.dataType(name)));
  const typed = outputs.map((v) => ({ ...v, dataType: b.dataType(v.name), dims: v.dims }));
  const at = new Map<number, Shapes>();
  return {
    dims(value, batch) {
      const known = at.get(batch) ?? inferShapes(parsed, { batches: [batch] });
      at.set(batch, known);
      return knownDims(known, value);
    },
    model: { ...parsed, graph: { ...parsed.graph, outputs: typed } },
    shapes,
    of,
    wrt: row.wrt ?? inputs.filter((v) => isFloating(v.dataType)).map((v) => v.name),
  };
}

const hasBatch = (problem: Problem): boolean => problem.shapes.batches.length > 1;

function feed(problem: Problem, name: string, batch: number, draw: Distribution, random: Random) {
  const dims = problem.dims(name, batch);
  const dataType = problem.shapes.probes[0]?.get(name)?.dataType as DataType;
  return { dataType, dims, data: draw(dims, random).map((v) => (isFloating(dataType) ? Math.fround(v) : v)) };
}

/**
 * Checks a row's gradients: finite differences at both batch sizes, shapes, first order, second order, single precision.
 * Fails by vitest's `expect`.
 */
export async function checkGradients(row: SampledRow): Promise<void> {
  const precision = row.precision ?? "double";
  const problem = problemOf(row, precision);
  const random = seededRandom(seedOf(row.name + row.graph));
  const draws = (batch: number): Feeds =>
    Object.fromEntries(
      problem.model.graph.inputs.map(({ name }) => [
        name,
        feed(problem, name, batch, row.inputs?.[name] ?? normal, random),
      ]),
    );
  const samples = (hasBatch(problem) ? BATCHES : [1]).map((batch) => ({ batch, feeds: draws(batch) }));
  const tolerance = row.tolerance ?? PRECISIONS[precision].tolerance;
  const first = await checkOrder(problem, samples, random, { precision, tolerance, order: 1 });
  if (precision === "double") await checkSingle(row, samples, first);
  if (row.secondOrder === false) return;
  const { model, shapes, gradients, seeds } = first.derived;
  const second: Problem = {
    model,
    shapes,
    of: [...gradients.values()],
    wrt: [...problem.wrt, ...seeds.values()],
    // A gradient has the dimensions of what it is the gradient of.
    dims: (value, batch) => {
      const source = problem.wrt.find((name) => gradients.get(name) === value);
      return problem.dims(source as string, batch);
    },
  };
  const loose = { precision, tolerance: 10 * tolerance, order: 2 };
  await checkOrder(
    second,
    samples.map((s, i) => ({ ...s, feeds: first.feeds[i] as Feeds })),
    random,
    loose,
  );
}

interface Sample {
  readonly batch: number;
  readonly feeds: Feeds;
}

interface Checked {
  readonly derived: ReturnType<typeof differentiate>;
  /** Feeds with seeds, one per sample, and the gradients found there. */
  readonly feeds: readonly Feeds[];
  readonly gradients: readonly Readonly<Record<string, Values>>[];
}

async function checkOrder(
  problem: Problem,
  samples: readonly Sample[],
  random: Random,
  { precision, tolerance, order }: { precision: "double" | "float"; tolerance: number; order: number },
): Promise<Checked> {
  const { of } = problem;
  const { reached, derived } = differentiateReachable(problem, order);
  const runnable = await openModel(derived.model);
  const feeds: Feeds[] = [];
  const gradients: Record<string, Values>[] = [];
  try {
    for (const sample of samples) {
      const seeded: Record<string, Feeds[string]> = { ...sample.feeds };
      for (const value of of) {
        const name = derived.seeds.get(value) as string;
        seeded[name] = feed(problem, value, sample.batch, normal, random);
      }
      const outputs = await runnable.run(seeded);
      const found = Object.fromEntries(
        problem.wrt.map((name) => [name, gradientOf(derived, outputs, name, seeded)]),
      );
      const seeds = of.map((value) => [value, seeded[derived.seeds.get(value) as string] as Values] as const);
      for (const name of problem.wrt) {
        const gradient = found[name] as Values;
        const where = `order ${order}, batch ${sample.batch}, gradient by ${name}`;
        expect(gradient.dims, `${where}: dimensions`).toEqual(seeded[name]?.dims);
        const difference = await largestDifference(
          runnable,
          seeded,
          seeds,
          name,
          gradient,
          random,
          precision,
        );
        const noPath = reached.has(name) ? "" : " (no gradient path: expected zero)";
        expect(difference, `${where}${noPath}: finite differences`).toBeLessThanOrEqual(tolerance);
      }
      feeds.push(seeded);
      gradients.push(found);
    }
  } finally {
    await runnable.release();
  }
  return { derived, feeds, gradients };
}

/** The derivative by every value that has a path; in second order some have none (piecewise linear operators). */
function differentiateReachable(problem: Problem, order: number) {
  const { model, shapes, of, wrt } = problem;
  const reached = wrt.filter((name) => {
    if (order === 1) return true;
    try {
      differentiate(model, shapes, { of, wrt: [name] });
      return true;
    } catch (error) {
      if (error instanceof UnsupportedError && error.code === "no-gradient-path") return false;
      throw error;
    }
  });
  return { reached: new Set(reached), derived: differentiate(model, shapes, { of, wrt: reached }) };
}

function gradientOf(
  derived: ReturnType<typeof differentiate>,
  outputs: Readonly<Record<string, Values>>,
  name: string,
  feeds: Feeds,
): Values {
  const output = derived.gradients.get(name);
  const dims = feeds[name]?.dims ?? [];
  return output === undefined
    ? { dims, data: Array.from({ length: feeds[name]?.data.length ?? 0 }, () => 0) }
    : (outputs[output] as Values);
}

/** Largest error over the directions: |φ(+h) − φ(−h)| / 2h against gradient · v, φ = Σ seed · f, relative to ‖gradient‖. */
async function largestDifference(
  runnable: RunnableModel,
  feeds: Feeds,
  seeds: readonly (readonly [string, Values])[],
  name: string,
  gradient: Values,
  random: Random,
  precision: "double" | "float",
): Promise<number> {
  const { step } = PRECISIONS[precision];
  const input = feeds[name] as Feeds[string];
  const phi = async (direction: readonly number[], h: number): Promise<number> => {
    const data = input.data.map((v, i) => v + h * (direction[i] as number));
    const outputs = await runnable.run({ ...feeds, [name]: { ...input, data } });
    return seeds.reduce((sum, [value, seed]) => sum + dot(seed.data, outputs[value]?.data ?? []), 0);
  };
  const scale = Math.max(norm(gradient.data), 1e-3);
  let largest = 0;
  for (let k = 0; k < DIRECTIONS; k++) {
    const direction = normal(input.dims, random);
    const rise = ((await phi(direction, step)) - (await phi(direction, -step))) / (2 * step);
    const error = Math.abs(rise - dot(gradient.data, direction)) / scale;
    largest = Number.isFinite(error) ? Math.max(largest, error) : Number.POSITIVE_INFINITY;
  }
  return largest;
}

/** The graph as it will run, in single precision, gives the same gradients. */
async function checkSingle(row: SampledRow, samples: readonly Sample[], exact: Checked): Promise<void> {
  const problem = problemOf(row, "float");
  const derived = differentiate(problem.model, problem.shapes, problem);
  const runnable = await openModel(derived.model);
  try {
    for (const [i, { batch }] of samples.entries()) {
      const feeds = Object.fromEntries(
        Object.entries(exact.feeds[i] as Feeds).map(([name, f]) => [
          name,
          f.dataType === "float64" ? { ...f, dataType: "float32" as const } : f,
        ]),
      );
      const outputs = await runnable.run(feeds);
      for (const name of problem.wrt) {
        const single = gradientOf(derived, outputs, name, feeds);
        const double = exact.gradients[i]?.[name] as Values;
        const error = norm(single.data.map((v, j) => v - (double.data[j] as number)));
        const relative = error / Math.max(norm(double.data), 1e-3);
        expect(relative, `single precision, batch ${batch}, gradient by ${name}`).toBeLessThanOrEqual(
          row.singleTolerance ?? SINGLE_TOLERANCE,
        );
      }
    }
  } finally {
    await runnable.release();
  }
}

/** Compares gradients with numbers written by hand, in single precision, to 1e-6. */
export async function checkLiteral(row: LiteralRow): Promise<void> {
  const problem = problemOf({ ...row, wrt: Object.keys(row.expect) }, "float");
  const derived = differentiate(problem.model, problem.shapes, problem);
  const random = seededRandom(1);
  const given = (name: string, values: readonly number[]) =>
    feed(problem, name, problem.shapes.batches[0] ?? 1, () => values, random);
  const feeds: Record<string, Feeds[string]> = {};
  for (const [name, values] of Object.entries(row.at)) feeds[name] = given(name, values);
  for (const [value, seed] of derived.seeds) {
    const like = given(value, []);
    const count = like.dims.reduce((n, d) => n * d, 1);
    feeds[seed] = { ...like, data: row.seed ?? Array.from({ length: count }, () => 1) };
  }
  const runnable = await openModel(derived.model);
  try {
    const outputs = await runnable.run(feeds);
    for (const [name, expected] of Object.entries(row.expect)) {
      const found = gradientOf(derived, outputs, name, feeds);
      expect(found.dims, `gradient by ${name}: dimensions`).toEqual(feeds[name]?.dims);
      expect(found.data.length).toBe(expected.length);
      const error = Math.max(...found.data.map((v, i) => Math.abs(v - (expected[i] as number))));
      expect(error, `gradient by ${name}: ${found.data} instead of ${expected}`).toBeLessThanOrEqual(1e-6);
    }
  } finally {
    await runnable.release();
  }
}

const dot = (a: readonly number[], c: readonly number[]): number =>
  a.reduce((sum, v, i) => sum + v * (c[i] ?? Number.NaN), 0);

const norm = (a: readonly number[]): number => Math.sqrt(dot(a, a));
