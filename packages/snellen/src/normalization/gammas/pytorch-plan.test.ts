// Oracle: the plan that the code is made of, read back from its table. What the code does to real networks, in Python, is checked by
// tools/reference/check_param_groups.py.
import { describe, expect, it } from "vitest";
import type { PlannedGamma } from "./gamma-plan.ts";
import { pytorchPlan } from "./pytorch-plan.ts";
import { timmPlan } from "./timm-plan.ts";

const gamma = (parameter: string, fields: Partial<PlannedGamma> = {}): PlannedGamma => ({
  parameter,
  named: { source: "name", sure: "certain" },
  node: "n",
  sharedBy: [],
  kind: "batch",
  channels: 8,
  category: "branch-last",
  decay: true,
  decidedBy: "rule",
  reason: "",
  nearly: false,
  stream: false,
  ones: false,
  evidence: null,
  ...fields,
});

/** Lines between the table's braces. */
const tableOf = (code: string): string[] => {
  const lines = code.split("\n");
  const start = lines.indexOf("GAMMAS = {");
  return lines.slice(start + 1, lines.indexOf("}", start));
};

const FORMS = [
  ["pytorchPlan", pytorchPlan, /^def param_groups\(model, weight_decay=1e-4, decay=\(\), no_decay=\(\)\):$/m],
  ["timmPlan", timmPlan, /^def param_group_fn\(model, decay=\(\), no_decay=\(\)\):$/m],
] as const;

describe.each(FORMS)("%s", (_, plan, entry) => {
  it("has a row a γ, with what to do and its category", () => {
    const code = plan(
      [
        gamma("a.weight"),
        gamma("b.weight", { category: "shortcut", decay: false, stream: true }),
        gamma("c.weight", { category: "scale-invariant", nearly: true }),
      ],
      "net.onnx",
    );
    expect(tableOf(code)).toEqual([
      '    "a.weight": True,  # branch-last',
      '    "b.weight": False,  # shortcut, starts the stream',
      '    "c.weight": True,  # scale-invariant, nearly',
    ]);
    expect(code).toMatch(entry);
    expect(code).toContain("Weight decay for net.onnx:");
  });

  it("says how sure a name is, and leaves guesses to the reader", () => {
    const code = plan(
      [
        gamma("a.weight", { named: { source: "scope", sure: "likely" } }),
        gamma("b.weight", { named: { source: "order", sure: "guess" } }),
        gamma("Mul_7", { named: { source: "graph", sure: "guess" }, decay: false, category: "terminal" }),
      ],
      "net.onnx",
    );
    expect(tableOf(code)).toEqual([
      '    "a.weight": True,  # branch-last; a likely name, after its module',
      '    # "b.weight": True,  # branch-last; a guess by size and order: put in the parameter\'s name',
      "    # \"Mul_7\": False,  # terminal; only the graph's own name is known: put in the parameter's name",
    ]);
  });

  it("says where the measurement contradicts the rule", () => {
    const evidence = { scaleChange: 0.5, skipChange: null, agrees: false, verdict: "it is\nnot" };
    expect(tableOf(plan([gamma("a.weight", { evidence })], "net.onnx"))).toEqual([
      '    "a.weight": True,  # branch-last; contradicted: it is not',
    ]);
  });

  it("keeps names where they stand, whatever is in them", () => {
    const hostile = '"}\nimport os\r\u2028\u0085\f\\';
    const guess = { source: "graph", sure: "guess" } as const;
    const code = plan([gamma(hostile), gamma(hostile, { named: guess })], hostile);
    const [row = "", comment = "", ...more] = tableOf(code);
    expect(more).toEqual([]);
    const [, literal = ""] = /^ {4}(".*"): True, {2}# branch-last$/.exec(row) ?? [];
    expect(JSON.parse(literal)).toBe(hostile);
    expect(comment).toMatch(/^ {4}# [^\n\r\f\u0085\u2028]*$/);
    expect(code.split("\n").filter((line) => line.includes("import os"))).toHaveLength(3);
    expect(code).not.toMatch(/^import os/m);
  });

  it("is the code alone where nothing is planned", () => {
    expect(tableOf(plan([], "net.onnx"))).toEqual([]);
  });
});
