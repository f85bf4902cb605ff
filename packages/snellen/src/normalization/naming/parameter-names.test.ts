// Oracle: names that PyTorch gave; the labels of real exports (a ResNet-18 whose parameters were renamed), and lists made by hand.
import { readFileSync } from "node:fs";
import { floatTensor, type Model, parseModel, withGraph } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { describeModel } from "../../vision-model/describe.ts";
import { textModel } from "../../vision-model/test-support/text-model.ts";
import { classifyGammas } from "../gammas/classify-gammas.ts";
import { HEAD, networkText } from "../gammas/test-support/classify-text.ts";
import { labelledModel, labelsOf } from "../gammas/test-support/labelled.ts";
import type { TrainingParameters } from "./training-parameters.ts";

const namesOf = (model: Model, training?: TrainingParameters) =>
  classifyGammas(describeModel(model), training === undefined ? {} : { training }).gammas.map(
    ({ name }) => name,
  );

const bn = (to: string, from: string, weight: string, node = to): string =>
  `["${node}"] ${to} = BatchNormalization (${from}, ${weight}, {b.${to}: 4}, {m.${to}: 4}, {v.${to}: 4})`;
/** Two normalizations whose γ are constants of these names. */
const two = (first: string, second: string, nodes: readonly [string, string] = ["n1", "n2"]): Model =>
  textModel(
    networkText(
      `${bn("a", "x", first, nodes[0])}  c = Conv (a, {w.c: 4,4,1,1})  ${bn("h", "c", second, nodes[1])}  ${HEAD}`,
    ),
  );

describe("a name", () => {
  it("of PyTorch's is certain", () => {
    expect(namesOf(two("{layer1.0.bn1.weight: 4}", "{norm.weight: 4}"))).toEqual([
      { name: "layer1.0.bn1.weight", source: "name", sure: "certain" },
      { name: "norm.weight", source: "name", sure: "certain" },
    ]);
  });

  it("is that of the copy next to the node, where the exporter shared equal parameters", () => {
    const copies =
      '"first.weight" = Identity ({other.weight: 4})  "second.weight" = Identity ("other.weight")';
    const body = `${copies}  ${bn("a", "x", '"first.weight"')}  c = Conv (a, {w.c: 4,4,1,1})  ${bn("h", "c", '"second.weight"')}  ${HEAD}`;
    expect(namesOf(textModel(networkText(body)))).toEqual([
      { name: "first.weight", source: "name", sure: "certain" },
      { name: "second.weight", source: "name", sure: "certain" },
    ]);
  });

  it("is followed through the shapes that a layer scale is given", () => {
    const body = `k = Constant <value_ints=[1,4,1,1]> ()  g1 = Reshape ({block.gamma: 4}, k)  a = Conv (x, {w.c: 4,4,1,1})  b = Mul (a, g1)  h = Add (b, x)  ${HEAD}`;
    expect(namesOf(textModel(networkText(body)))).toEqual([
      { name: "block.gamma", source: "name", sure: "certain" },
    ]);
  });

  it("without one comes from the module path in the node's name", () => {
    expect(
      namesOf(
        two("{onnx::BatchNormalization_12: 4}", "{13: 4}", [
          "/layer1/layer1.0/bn1/BatchNormalization",
          "/norm/BatchNormalization",
        ]),
      ),
    ).toEqual([
      { name: "layer1.0.bn1.weight", source: "scope", sure: "likely" },
      { name: "norm.weight", source: "scope", sure: "likely" },
    ]);
  });

  it("of two modules at once is the exporter's: it merged equal parameters", () => {
    const model = two("{bn1.weight: 4}", "{bn1.weight: 4}", [
      "/bn1/BatchNormalization",
      "/layer1/bn2/BatchNormalization",
    ]);
    expect(namesOf(model).map(({ name, sure }) => [name, sure])).toEqual([
      ["bn1.weight", "likely"],
      ["layer1.bn2.weight", "likely"],
    ]);
  });

  it("of a module that is used twice stays one", () => {
    const model = two("{bn1.weight: 4}", "{bn1.weight: 4}", [
      "/bn1/BatchNormalization",
      "/bn1/BatchNormalization_1",
    ]);
    expect(namesOf(model)).toEqual([{ name: "bn1.weight", source: "name", sure: "certain" }]);
  });

  it.each(["group-shared", "layer-shared"])("stays one in every export of a trained one (%s)", (module) => {
    const files = ["torchscript-13", "torchscript-17", "dynamo-18"].map((end) => `${module}.${end}.onnx`);
    const found = files.map((file) =>
      namesOf(parseModel(readFileSync(new URL(`../fixtures/forms/${file}`, import.meta.url)))).map(
        ({ name }) => name,
      ),
    );
    expect(found).toEqual(files.map(() => ["norm.norm.weight"]));
  });

  it("is Keras' where it looks like one, and else the graph's", () => {
    expect(namesOf(two("{model/bn/gamma/ReadVariableOp:0: 4}", "{abc: 4}"))).toEqual([
      { name: "model/bn/gamma/ReadVariableOp:0", source: "name", sure: "likely" },
      { name: "abc", source: "graph", sure: "guess" },
    ]);
  });
});

const list = (...names: readonly string[]): TrainingParameters => ({
  parameters: names.map((name) => ({ name, shape: [4] })),
  isOrdered: true,
});

describe("with the training code's parameters", () => {
  it("an equal name is certain, and a part of one likely", () => {
    const training = list("backbone.bn1.weight", "norm.weight");
    expect(namesOf(two("{bn1.weight: 4}", "{norm.weight: 4}"), training)).toEqual([
      { name: "backbone.bn1.weight", source: "list", sure: "likely" },
      { name: "norm.weight", source: "name", sure: "certain" },
    ]);
  });

  it("equal numbers are certain", () => {
    const model = two("{pp: 4}", "{qq: 4}");
    const tensor = model.graph.initializers.get("qq");
    const training = {
      parameters: [
        { name: "one.weight", shape: [4], tensor: floatTensor([4], Float32Array.of(9, 9, 9, 9)) },
        { name: "two.weight", shape: [4], ...(tensor === undefined ? {} : { tensor }) },
      ],
      isOrdered: false,
    };
    expect(namesOf(model, training)[1]).toEqual({ name: "two.weight", source: "values", sure: "certain" });
  });

  it("order and size settle the rest, and say whether there was a choice", () => {
    const model = two("{pp: 4}", "{qq: 4}");
    const orders = (training: TrainingParameters) =>
      namesOf(model, training).map(({ name, source, sure }) => [name, source, sure]);
    expect(orders(list("bn1.weight", "bn1.bias", "bn2.weight"))).toEqual([
      ["bn1.weight", "order", "likely"],
      ["bn2.weight", "order", "likely"],
    ]);
    expect(
      orders(list("bn1.weight", "bn2.weight", "bn3.weight")).map(([, source, sure]) => [source, sure]),
    ).toEqual([
      ["order", "guess"],
      ["order", "guess"],
    ]);
    // sorted by name: the order means little
    expect(orders({ ...list("bn1.weight", "bn2.weight"), isOrdered: false })[0]).toEqual([
      "bn1.weight",
      "order",
      "guess",
    ]);
  });

  it("finds all of a ResNet-18 whose names are gone, from its checkpoint's list", () => {
    const labels = labelsOf("resnet18.renamed");
    const renamed = labelledModel("resnet18.renamed");
    const anonymous = withGraph(renamed, {
      nodes: renamed.graph.nodes.map((node, i) => ({ ...node, name: `n${i}` })),
    });
    const parameters = labels.stateDict.map(([name, shape]) => ({ name, shape }));
    const found = namesOf(anonymous, { parameters, isOrdered: true });
    expect(found.map(({ name }) => name).sort()).toEqual(
      labels.gammas.map(({ parameter }) => parameter).sort(),
    );
    expect(new Set(found.map(({ source, sure }) => `${source} ${sure}`))).toEqual(new Set(["order likely"]));
  });
});
