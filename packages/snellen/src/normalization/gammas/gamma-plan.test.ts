// Oracle: small networks whose plan is known; the JSON names that the command line and others rely on.
import { describe, expect, it } from "vitest";
import type { PreprocessedImage } from "../../images/image.ts";
import { noise, openModelData } from "../../vision-model/test-support/text-model.ts";
import { gammaPlan } from "./gamma-plan.ts";
import { GUIDELINES_TRIED } from "./guidelines.ts";
import { conv, HEAD, networkModel } from "./test-support/classify-text.ts";

const next = noise(2);
const pictures = (count: number): PreprocessedImage[] =>
  Array.from({ length: count }, (_, i) => ({
    shape: [3, 8, 8],
    values: Float32Array.from({ length: 192 }, next),
    source: `picture ${i}`,
  }));

const BLOCK = `${conv("s", "x", "stem")}  t = BN(bn0, s)  u = Relu (t)  ${conv("a", "u", "c1")}  b = BN(bn1, a)  c = Relu (b)
  ${conv("d", "c", "c2")}  e = BN(bn2, d)  ["sum"] h = Add (e, u)  ${HEAD}`;

describe("a plan", () => {
  it("says of every γ what it is, whether to decay it, and what was measured", async () => {
    await using model = openModelData(networkModel(BLOCK));
    const plan = await gammaPlan(model, pictures(4));
    expect(
      plan.gammas.map(({ parameter, category, decay, evidence }) => [
        parameter,
        category,
        decay,
        evidence?.agrees,
      ]),
    ).toEqual([
      ["bn0.weight", "shortcut", false, true],
      ["bn1.weight", "scale-invariant", true, true],
      ["bn2.weight", "branch-last", true, true],
    ]);
    expect(plan.blocks).toEqual([
      {
        node: "sum",
        kind: "identity",
        branch: "e",
        skip: "u",
        varianceRatio: expect.any(Number),
        low: expect.any(Number),
        high: expect.any(Number),
      },
    ]);
    expect(plan.notes).toEqual([GUIDELINES_TRIED]);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it("is rules alone without pictures, and has the same names", async () => {
    await using model = openModelData(networkModel(BLOCK));
    const [measured, ruled] = [await gammaPlan(model, pictures(4)), await gammaPlan(model, [])];
    expect(ruled.gammas.map(({ evidence, decidedBy }) => [evidence, decidedBy])).toEqual(
      Array(3).fill([null, "rule"]),
    );
    expect(ruled.blocks[0]).toMatchObject({ varianceRatio: null, low: null, high: null });
    expect(Object.keys(ruled.gammas[0] ?? {})).toEqual(Object.keys(measured.gammas[0] ?? {}));
  });

  it("lets the measurement decide where both sides of a sum are scaled, and says so", async () => {
    const norm = (to: string, from: string): string =>
      `["${to}"] ${to} = LayerNormalization (${from}, {${to}.weight: 8}, {${to}.bias: 8})`;
    // a branch that turns small where its input is large: nothing of a homogeneous one
    const body = `${norm("n1", "x")}  k = MatMul (n1, {w.a: 8,8})  q = Abs (k)  m = Reciprocal (q)  c = Add (m, n1)  ${norm("n2", "c")}  p = GlobalAveragePool (n2)
      f = Flatten (p)  y = MatMul (f, {fc.weight: 4,3})`;
    await using model = openModelData(networkModel(body));
    const [ruled] = (await gammaPlan(model, [])).gammas;
    const [measured] = (await gammaPlan(model, pictures(4))).gammas;
    expect([ruled?.category, ruled?.decidedBy]).toEqual(["scale-invariant", "open"]);
    expect([measured?.category, measured?.decay, measured?.decidedBy]).toEqual([
      "shortcut",
      false,
      "evidence",
    ]);
    expect(measured?.reason).toContain("it is the identity signal");
  });

  it("shows a rule that the measurement contradicts", async () => {
    // a kink far out: nobody would call what is left nearly the same
    const body = `${conv("a", "x", "c1")}  b = BN(bn1, a)  c = Sin (b)  z = Mul (b, c)  ${conv("d", "z", "c2")}  h = BN(bn2, d)  ${HEAD}`;
    await using model = openModelData(networkModel(body));
    const { gammas, notes } = await gammaPlan(model, pictures(6));
    expect([gammas[0]?.category, gammas[0]?.nearly, gammas[0]?.evidence?.agrees]).toEqual([
      "scale-invariant",
      true,
      false,
    ]);
    expect(notes).toContain("1 γ whose rule the measurement contradicts.");
  });

  it("warns of few pictures where batch statistics are taken, and says when there is no γ", async () => {
    await using model = openModelData(networkModel(BLOCK));
    expect((await gammaPlan(model, pictures(2))).notes.join()).toContain("few pictures");
    await using bare = openModelData(networkModel(`${conv("h", "x", "c1")}  ${HEAD}`));
    const plan = await gammaPlan(bare, pictures(1));
    expect([plan.gammas, plan.blocks]).toEqual([[], []]);
    expect(plan.notes.join()).toContain("no γ");
  });
});
