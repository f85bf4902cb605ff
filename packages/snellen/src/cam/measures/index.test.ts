// Every measure. Oracles: pytorch-grad-cam's numbers for a linear scorer (tools/reference/measure_values.py), hand literals.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { measure, measures } from "./index.ts";
import { keptRegion } from "./perturbations/masked.ts";
import { maskOf } from "./subject.ts";
import { type Case, evidenceOf, recorded } from "./test-support/evidence.ts";

const scoreOf = (id: string, given: Case): number | undefined => measure(id).measure(evidenceOf(given));

describe("pytorch-grad-cam", () => {
  const { dims, x, weights, cam, values } = recorded.measures;
  const input = Float32Array.from(x.flat(2));
  const rows = (weights as number[][][][]).map((row) => row.flat(2));
  const softmax = (values: Float32Array): number => {
    const logits = rows.map((row) => row.reduce((s, w, i) => s + w * (values[i] as number), 0));
    return 1 / logits.reduce((s, v) => s + Math.exp(v - (logits[0] as number)), 0);
  };
  /** relu(Σ_c w · x), its own stand-in for a method. */
  const mapOf = (values: Float32Array): Float32Array => {
    const raw = Float32Array.from(cam.flat(), (_, i) => {
      const at = (c: number) =>
        (rows[0]?.[c * cam.flat().length + i] ?? 0) * (values[c * cam.flat().length + i] ?? 0);
      return at(0) + at(1);
    });
    return maskOf({ values: raw, dims: [dims[1], dims[2]] }) as Float32Array;
  };
  const plain: Case = { map: cam.flat(), dims: [dims[1], dims[2]], input, score: softmax };
  const given: Case = { ...plain, mapAgain: mapOf(keptRegion(evidenceOf(plain).subject)) };

  it.each(["road-most", "road-least", "road-combined", "complexity", "coherency", "arcc"])("%s", (id) => {
    // float32 there, recorded with seven digits; imputed values agree within 1e-5.
    expect(Math.abs((scoreOf(id, given) ?? Number.NaN) - values[id])).toBeLessThan(1e-5);
  });
  it("average drop is its drop as a share of the probability", () => {
    expect(evidenceOf(given).probability).toBeCloseTo(values.probability, 6);
    expect(scoreOf("average-drop", given)).toBeCloseTo(values.drop / values.probability, 5);
    expect(scoreOf("increase-in-confidence", given)).toBe(values.increase);
  });
});

describe("by hand", () => {
  const sum = (values: Float32Array) => values.reduce((s, v) => s + v, 0);
  // A scorer that adds pixels up, and the map that says which pixel gave how much.
  const perfect: Case = { map: [0.4, 0.3, 0.2, 0.1], input: [0.4, 0.3, 0.2, 0.1], dims: [1, 4], score: sum };
  it.each([
    // kept: 0.16 + 0.09 + 0.04 + 0.01, each over 0.4, is 0.75
    ["average-drop", perfect, 0.25],
    ["average-drop", { ...perfect, score: (v: Float32Array) => 2 - sum(v) }, 0],
    ["increase-in-confidence", perfect, 0],
    ["increase-in-confidence", { ...perfect, score: (v: Float32Array) => 2 - sum(v) }, 1],
    ["drop-in-deletion", perfect, 0.75],
    // 1, 0.6, 0.3, 0.1, 0 by trapezoids
    ["deletion-auc", perfect, 0.375],
    ["deletion-auc", { ...perfect, map: [0.1, 0.2, 0.3, 0.4] }, 0.625],
    // the first pixel alone: blurred to 0.25, then 0.4 at once or at the end
    ["insertion-auc", { ...perfect, score: (v: Float32Array) => v[0] ?? 0 }, 0.38125],
    ["insertion-auc", { ...perfect, map: [1, 2, 3, 4], score: (v: Float32Array) => v[0] ?? 0 }, 0.26875],
    ["complexity", { map: [-1, 0, 2, 4], dims: [2, 2] }, 0.375],
    ["energy", { map: [-1, 1, 2, 1], dims: [2, 2], region: [1, 0, 1, 0] }, 0.5],
    ["coherency", { map: [0, 1, 2], dims: [1, 3], mapAgain: Float32Array.of(1, 2, 3) }, 1],
    ["coherency", { map: [0, 1, 2], dims: [1, 3], mapAgain: Float32Array.of(3, 2, 1) }, 0],
    ["coherency", { map: [0, 1, 2], dims: [1, 3], mapAgain: Float32Array.of(0, 0, 0) }, 0.5],
    // 3 / (1 / 1 + 1 / (1 − 0.625) + 1 / (1 − 0.25))
    ["adcc", { ...perfect, mapAgain: Float32Array.of(4, 3, 2, 1) }, 0.6],
    ["adcc", { ...perfect, mapAgain: Float32Array.of(1, 2, 3, 4) }, 0],
  ] as [string, Case, number][])("%s %#", (id, given, expected) => {
    expect(scoreOf(id, given)).toBeCloseTo(expected, 6);
  });

  it("masked pixels fade to the baseline", () => {
    const units = { baseline: [10], noise: [0] };
    const { subject } = evidenceOf({ map: [1, 0.5, 0], dims: [1, 3], input: [2, 2, 2], units });
    expect([...keptRegion(subject)]).toEqual([2, 6, 10]);
  });

  it("nothing can be lost of a probability of zero", () => {
    for (const id of ["average-drop", "drop-in-deletion", "adcc"])
      expect(
        scoreOf(id, { ...perfect, score: () => 0, mapAgain: Float32Array.of(4, 3, 2, 1) }),
      ).toBeUndefined();
  });
});

describe("the registry", () => {
  it("holds unique ids that name their files", () => {
    const ids = measures.map((m) => m.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, title, summary, paper } of measures) {
      expect(existsSync(join(import.meta.dirname, `${id.replace(/^iou-\d+$/, "iou")}.ts`))).toBe(true);
      for (const text of [title, summary, paper]) expect(text).not.toBe("");
    }
  });

  it("needs no region or second map where it does not say so", () => {
    const given: Case = { map: [3, 1, 0, 2], dims: [2, 2], score: () => 0.5 };
    for (const { id, needs } of measures) expect(scoreOf(id, given) === undefined, id).toBe(needs.length > 0);
  });

  it("suggests the nearest id", () => {
    expect(() => measure("deletion-auk")).toThrow(expect.objectContaining({ code: "unknown-measure" }));
    expect(() => measure("deletion-auk")).toThrow('Did you mean "deletion-auc"?');
  });
});
