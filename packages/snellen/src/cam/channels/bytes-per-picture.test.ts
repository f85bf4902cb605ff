// Oracle: counted by hand on a network of a few nodes.
import { canonicalize, parseGraphText } from "@snellen/graph";
import { expect, it } from "vitest";
import { bytesPerPicture } from "./bytes-per-picture.ts";

const typed = (text: string) => canonicalize(parseGraphText(text));

it("counts the values that are needed at once", () => {
  // x 400; a 800 while x ends; b 800 beside a, which c needs still; c 1600 beside a and b
  const network = typed(`g (float[N,1,10,10] x, float[2,1,1,1] w) => (y)
    { a = Conv (x, w) b = Relu (a) c = Concat <axis = 1> (a, b) y = GlobalAveragePool (c) }`);
  expect(bytesPerPicture(network)).toBe(800 + 800 + 1600);
});

it("lets go of what nothing reads any more", () => {
  const chain = `g (float[N,100] x) => (y) { a = Exp (x) b = Neg (a) c = Exp (b) y = Neg (c) }`;
  expect(bytesPerPicture(typed(chain))).toBe(800);
});

it("counts what grows with the batch only", () => {
  const network = "g (float[N,4] x, float[4,50] w) => (y) { m = MatMul (x, w) y = Neg (m) }";
  expect(bytesPerPicture(typed(network))).toBe(400);
});
