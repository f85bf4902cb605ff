// Oracle: the kinds' own definitions, and sizes counted by hand.
import { describe, expect, it } from "vitest";
import { describeModel } from "../vision-model/describe.ts";
import { textModel } from "../vision-model/test-support/text-model.ts";
import { camMethod } from "./methods/index.ts";
import { requireClassScore, whyNot } from "./requirements.ts";
import { bindTargets } from "./targets/index.ts";
import { DENSE } from "./targets/test-support/finite-cells.ts";

const SOFTMAX = `g (float[N,3,8,8] x, float[2,3,1,1] w, float[2,5] v) => (float[N,5] y)
  { f = Conv (x, w) p = GlobalAveragePool (f) q = Flatten (p) z = MatMul (q, v) y = Softmax <axis = 1> (z) }`;

const [plain, dense] = [SOFTMAX, DENSE].map((text) => describeModel(textModel(text)));
const kindOf = (info: typeof plain, target: string) =>
  bindTargets(info as NonNullable<typeof info>, target)[0]?.kind as NonNullable<
    ReturnType<typeof bindTargets>[0]
  >["kind"];

describe("a method that compares classes", () => {
  const finer = camMethod("finer-cam");

  it.each(["top1", "3", "rank2", "output:z[3]"])("takes %s, a class's own score", (target) => {
    expect(() => requireClassScore(finer, kindOf(plain, target))).not.toThrow();
  });

  it.each([
    [plain, "probability:top1"],
    [plain, "1 vs 2"],
    [plain, "output:y[3]"],
    [plain, "output:q[1]"],
    [dense, "mask:top1"],
    [dense, "region:top1@0,0,2,2"],
    [dense, "box:top1@3"],
  ])("refuses other scores, saying why (%#: %s)", (info, target) => {
    const kind = kindOf(info, target);
    expect(() => requireClassScore(finer, kind)).toThrow(
      expect.objectContaining({
        code: "no-class",
        message: expect.stringContaining(
          `compares a class's score with those of the classes nearest to it, and --target ${kind.syntax} is not`,
        ),
      }),
    );
    expect(() => requireClassScore(camMethod("grad-cam"), kind)).not.toThrow();
  });
});

describe("a layer of many cells and channels", () => {
  const fine = describeModel(
    textModel(`g (float[N,3,48,48] x, float[2100,3,1,1] w, float[2100,2] v) => (float[N,2] y)
      { f = Conv (x, w) p = GlobalAveragePool (f) q = Flatten (p) y = MatMul (q, v) }`),
  );
  const layer = fine.layers.default as NonNullable<typeof fine.layers.default>;
  // the smaller of 48·48 = 2304 cells and 2100 channels, of 2048 that are taken
  const reason = "the layer is too fine: 48x48 cells of 2100 channels need a product of 2100 rows";

  it.each(["eigen-cam", "grad-cam", "score-cam"])("is too fine for the eigen smoothing of %s", (id) => {
    expect(whyNot(fine, camMethod(id), layer, { eigenSmooth: true })).toContain(reason);
  });

  it("is too fine for principal components, and for nothing else without them", () => {
    expect(whyNot(fine, camMethod("eigen-cam"), layer)).toContain(reason);
    expect(whyNot(fine, camMethod("grad-cam"), layer)).toBeUndefined();
    expect(whyNot(fine, camMethod("guided-backprop"), layer, { eigenSmooth: true })).toBeUndefined();
  });
});
