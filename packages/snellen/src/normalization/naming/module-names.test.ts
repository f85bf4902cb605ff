// Paths of modules. Oracle: what PyTorch's exporters write, as recorded in their files: "/tower/tower.1_1/…" is how the TorchScript
// exporter numbers the second call of `tower.1`, whose weights keep their one name.
import { canonicalize, parseGraphText } from "@snellen/graph";
import { expect, it } from "vitest";
import { findNormalizations } from "../find-normalizations.ts";
import { numbers } from "../test-support/find-in.ts";
import { moduleNames } from "./module-names.ts";

const norm = (node: string, from: string, to: string, affine: string): string =>
  `["/${node}/InstanceNormalization"] ${to} = InstanceNormalization (${from}, ${affine})`;

const names = (body: string, constants: string) => {
  const original = parseGraphText(
    `<ir_version: 8, opset_import: ["": 18]> g (float[N,4,5,5] x) => (float[N,4,5,5] y) <${constants}> { ${body} }`,
  );
  const { model, shapes } = canonicalize(original);
  return moduleNames(original, model, findNormalizations(model, shapes));
};

const WEIGHTS = `${numbers("w", [4, 4, 1, 1], 0)}, ${numbers("v", [4, 4, 1, 1], 0)}`;
const TRAINED = `${numbers("g1", [4])}, ${numbers("b1", [4], 0)}, ${numbers("g2", [4])}, ${numbers("b2", [4], 0)}`;
const NEW = ["g1", "g2", "b1", "b2"]
  .map((name) => `float[4] ${name} = {${new Array(4).fill(name.startsWith("g") ? 1 : 0)}}`)
  .join(", ");
const twice = (second: string, weights = "w"): string =>
  `a = Conv (x, w) ${norm("tower/tower.1", "a", "n", "g1, b1")} c = Conv (n, ${weights}) ${norm(second, "c", "y", "g2, b2")}`;

it.each([
  ["two calls of one module", twice("tower/tower.1_1"), TRAINED, "tower.1"],
  ["two calls of one that is not trained, by the weights before", twice("tower/tower.1_1"), NEW, "tower.1"],
  ["two modules that are not trained yet", twice("tower/tower.1_1", "v"), NEW, "tower.1_1"],
  [
    "two modules whose numbers differ",
    twice("tower/tower.1_1"),
    TRAINED.replace(/float\[4\] g2[^}]*}/, numbers("g2", [4], 2)),
    "tower.1_1",
  ],
  ["a module of another name", twice("tower/tower.4"), TRAINED, "tower.4"],
  ["a number that belongs to the name", twice("tower/norm_2"), TRAINED, "tower.norm_2"],
])("tells %s", (_, body, constants, second) => {
  expect(names(body, `${WEIGHTS}, ${constants}`)).toEqual(["tower.1", second]);
});

it("has none where nothing tells", () => {
  expect(names("y = InstanceNormalization (x, g1, b1)", TRAINED)).toEqual([null]);
});
