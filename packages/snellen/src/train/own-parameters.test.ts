// Shared constants of untrained networks; that their training is PyTorch's is checked in `recorded-steps.test.ts`.
import { tensorNumbers, withGraph } from "@snellen/graph";
import { expect, it } from "vitest";
import { describeModel } from "../vision-model/describe.ts";
import { textModel } from "../vision-model/test-support/text-model.ts";
import { ownParameters } from "./own-parameters.ts";
import { findTrainable } from "./parameters.ts";
import { recordedNetwork } from "./test-support/recorded.ts";

const HEAD = "p = GlobalAveragePool (h) f = Flatten (p) y = MatMul (f, fc)";

/** Two scales around a convolution, that of the second in brackets. */
const network = (second: string, ones = "1, 1, 1, 1") =>
  describeModel(
    textModel(
      `g (float[N,3,8,8] image, float[4,3,3,3] w, float[4,4,1,1] w2, float[4,3] fc) => (float[N,?] y) <float[4,1,1] ones = {${ones}}> {
        x = Conv (image, w)
        ["first"] a = Mul (x, ones)
        b = Conv (a, w2)
        ${second}
        ${HEAD}
      }`,
    ),
  );

const DIRECT = `["second"] h = Mul (b, ones)`;
const MERGED = `"second.weight" = Identity (ones) ["second"] h = Mul (b, "second.weight")`;

const scales = (info: ReturnType<typeof network>) =>
  findTrainable(info.model, info.shapes, info.logits.value)
    .parameters.filter(({ role }) => role === "scale")
    .map(({ name }) => name);

it("gives each layer a vector of ones of its own", () => {
  const info = network(DIRECT);
  expect(scales(info)).toEqual(["ones"]);
  const own = ownParameters(info);
  expect(scales(own)).toEqual(["ones", "second.input1"]);
  const copy = own.model.graph.initializers.get("second.input1");
  expect(copy && tensorNumbers(copy)).toEqual([1, 1, 1, 1]);
  // the given network stays as it was, and nothing is left to do
  expect(scales(info)).toEqual(["ones"]);
  expect(ownParameters(own)).toBe(own);
});

it("takes the names that the exporter's Identity nodes kept, in the file's own graph too", () => {
  const own = ownParameters(network(MERGED));
  expect(scales(own)).toEqual(["ones", "second.weight"]);
  expect(own.original.graph.initializers.has("second.weight")).toBe(true);
  expect(own.original.graph.nodes.map(({ opType }) => opType)).not.toContain("Identity");
});

it("leaves tied weights tied", () => {
  const info = network(DIRECT, "1, 2, 1, 1");
  expect(ownParameters(info)).toBe(info);
  expect(scales(info)).toEqual(["ones"]);
});

it("leaves shared numbers of formulas and what is read once", () => {
  const single = network("h = Relu (b)");
  expect(ownParameters(single)).toBe(single);
  const half = describeModel(
    textModel(
      `g (float[N,3,8,8] image, float[4,3,3,3] w, float[4,3] fc) => (float[N,?] y) <float[1] half = {0.5}> { x = Conv (image, w) a = Mul (x, half) h = Mul (a, half) ${HEAD} }`,
    ),
  );
  expect(ownParameters(half)).toBe(half);
});

it("leaves weights that are not in memory", () => {
  const info = network(DIRECT);
  const ones = info.model.graph.initializers.get("ones");
  const away = { ...ones, data: { location: "weights.bin", offset: 0, length: 16 } } as NonNullable<
    typeof ones
  >;
  const model = withGraph(info.model, {
    initializers: new Map([...info.model.graph.initializers, ["ones", away]]),
  });
  const outside = { ...info, model };
  expect(ownParameters(outside)).toBe(outside);
});

it("parts scales from variances, and shifts from means, of an untrained ResNet", () => {
  const info = recordedNetwork("resnet-bn-untrained");
  const readOf = ({ model }: typeof info) =>
    model.graph.nodes
      .filter(({ opType }) => opType === "BatchNormalization")
      .flatMap(({ inputs }) => inputs.slice(1));
  expect(new Set(readOf(info)).size).toBeLessThan(9 * 4);
  const own = ownParameters(info);
  expect(new Set(readOf(own)).size).toBe(9 * 4);
  expect(readOf(own)).toContain("stages.2.shortcut.1.running_var");
  // the same constants under the same names in the file's graph
  expect(readOf(own).filter((name) => !own.original.graph.initializers.has(name))).toEqual([]);
});
