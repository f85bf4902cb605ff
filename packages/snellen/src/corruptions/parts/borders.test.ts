// Oracle: `numpy.pad` of 0 1 2 3 by ten on both sides (modes edge, symmetric, reflect).
import { expect, it } from "vitest";
import { borderIndex } from "./borders.ts";

const at = (border: Parameters<typeof borderIndex>[0]) =>
  Array.from({ length: 24 }, (_, i) => borderIndex(border, i - 10, 4)).join("");

it("repeats the edge", () => expect(at("nearest")).toBe("000000000001233333333333"));
it("mirrors about the edge", () => expect(at("reflect")).toBe("100123321001233210012332"));
it("mirrors about the outermost sample", () => expect(at("reflect101")).toBe("232101232101232101232101"));
it("has nothing to mirror in a single sample", () => expect(borderIndex("reflect101", -3, 1)).toBe(0));
