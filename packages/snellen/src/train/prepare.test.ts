// Which parameters train, which are regularized, and what is refused before any work is done.
import { expect, it } from "vitest";
import { describeModel } from "../vision-model/describe.ts";
import { textModel } from "../vision-model/test-support/text-model.ts";
import { prepareTraining, type TrainingWishes } from "./prepare.ts";

const BODY = `
  ["stem"] x = Conv (image, "stem.weight", "stem.bias")
  ["norm"] n = BatchNormalization (x, g, b, m, v)
  r = Relu (n)
  ["conv"] h = Conv (r, "conv.weight")
  p = GlobalAveragePool (h)
  f = Flatten (p)`;
const INPUTS =
  'float[N,3,8,8] image, float[4,3,3,3] "stem.weight", float[4] "stem.bias", float[4] g, float[4] b, float[4] m, float[4] v, float[4,4,3,3] "conv.weight"';

const network = (head = `["head"] y = MatMul (f, fc)`, inputs = ", float[4,3] fc", output = "N,?") =>
  describeModel(textModel(`g (${INPUTS}${inputs}) => (float[${output}] y) { ${BODY} ${head} }`));

const prepared = (wishes: TrainingWishes = {}, info = network()) => {
  const { options, parameters, frozen } = prepareTraining(info, wishes);
  return {
    trained: parameters.map(({ name }) => name),
    frozen: frozen.map(({ name }) => name),
    groups: options.groups.map(({ decay, parameters }) => [decay, ...parameters.map(({ name }) => name)]),
    statistics: options.statistics.map(({ mean }) => mean),
    loss: options.loss.id,
  };
};

it("regularizes weights alone unless asked otherwise", () => {
  expect(prepared({ decay: 0.1 }).groups).toEqual([
    [0.1, "stem.weight", "conv.weight", "fc"],
    [0, "stem.bias", "g", "b"],
  ]);
  expect(prepared({ decay: 0.1, decayed: "all" }).groups).toEqual([
    [0.1, "stem.weight", "stem.bias", "g", "b", "conv.weight", "fc"],
  ]);
  expect(prepared({ decay: 0.1, decayed: new Set(["g"]) }).groups).toEqual([
    [0.1, "stem.weight", "g", "conv.weight", "fc"],
    [0, "stem.bias", "b"],
  ]);
});

it("freezes by names of parameters or layers", () => {
  const { trained, frozen } = prepared({ freeze: ["stem*", "conv"] });
  expect(frozen).toEqual(["stem.weight", "stem.bias", "conv.weight"]);
  expect(trained).toEqual(["g", "b", "fc"]);
  expect(prepared({ only: ["head"] }).trained).toEqual(["fc"]);
  expect(prepared({ only: ["stem.*", "norm"], freeze: ["*.bias"] }).trained).toEqual([
    "stem.weight",
    "g",
    "b",
  ]);
  // a point is no wildcard
  expect(() => prepared({ freeze: ["stem?weight"] })).toThrow(/no parameter or layer/);
});

it("keeps the statistics of a normalization that is frozen whole, or of all", () => {
  expect(prepared().statistics).toEqual(["m"]);
  expect(prepared({ freeze: ["g"] }).statistics).toEqual(["m"]);
  expect(prepared({ freeze: ["norm"] }).statistics).toEqual([]);
  expect(prepared({ keepStatistics: true }).statistics).toEqual([]);
});

it("takes the loss that fits the scores", () => {
  expect(prepared().loss).toBe("cross-entropy");
  const one = network("y = MatMul (f, fc)", ", float[4,1] fc");
  expect(prepared({}, one).loss).toBe("binary");
  const several = network("z = MatMul (f, fc) y = Sigmoid (z)");
  expect(prepared({}, several).loss).toBe("binary");
  expect(prepared({ loss: "mean-squared" }, one).loss).toBe("mean-squared");
});

const codeOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return [(error as { code?: string }).code, (error as { hint?: string }).hint];
  }
  return undefined;
};

it.each<[string, TrainingWishes, RegExp]>([
  ["no-such-parameter", { freeze: ["sten.weight"] }, /Did you mean "stem.weight"/],
  ["no-such-parameter", { only: ["nothing*"] }, /Did you mean/],
  ["nothing-to-train", { freeze: ["*"] }, /Freeze fewer/],
  ["nothing-to-train", { only: ["fc"], freeze: ["head"] }, /Freeze fewer/],
  ["unknown-loss", { loss: "hinge" }, /Did you mean/],
  ["unknown-optimizer", { optimizer: "sgdw" }, /Did you mean "sgd"/],
])("refuses with %s: %o", (code, wishes, hint) => {
  expect(codeOf(() => prepared(wishes))).toEqual([code, expect.stringMatching(hint)]);
});

it("refuses cross-entropy of one score", () => {
  const one = network("y = MatMul (f, fc)", ", float[4,1] fc");
  expect(codeOf(() => prepared({ loss: "cross-entropy" }, one))).toEqual([
    "bad-loss",
    expect.stringContaining("--loss binary"),
  ]);
});

it("refuses scores at every position", () => {
  const dense = network("y = Conv (h, fc)", ", float[3,4,1,1] fc", "N,3,4,4");
  expect(codeOf(() => prepared({}, dense))).toEqual(["dense-scores", expect.stringContaining("--output")]);
});

it("refuses a quantized network, whose weights are integers", () => {
  const quantized = describeModel(
    textModel(
      `g (float[N,3,8,8] image) => (float[N,?] y) <float s = {0.1}, uint8 z = {128}, uint8[4,3,3,3] w, uint8[4,3] fc> {
        q = QuantizeLinear (image, s, z)
        c = QLinearConv (q, s, z, w, s, z, s, z)
        h = DequantizeLinear (c, s, z)
        p = GlobalAveragePool (h)
        f = Flatten (p)
        k = DequantizeLinear (fc, s, z)
        y = MatMul (f, k)
      }`.replace(/uint8\[([\d,]+)\] (\w+)/g, (_, dims: string, name: string) => {
        const count = dims.split(",").reduce((n, side) => n * Number(side), 1);
        return `uint8[${dims}] ${name} = {${Array.from({ length: count }, (_, i) => (i * 37) % 256).join(", ")}}`;
      }),
    ),
  );
  expect(codeOf(() => prepared({}, quantized))).toEqual([
    "no-trainable-weights",
    expect.stringContaining("quantized integers"),
  ]);
});
