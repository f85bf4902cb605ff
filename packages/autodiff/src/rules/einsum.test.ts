// Oracle: finite differences (test-support/gradient-spec.ts).
import { describeGradients, type SampledRow, type SpecTable } from "../test-support/gradient-spec.ts";
import type * as einsum from "./einsum.ts";

/** One row: the equation and the operands' dimensions. */
const row = (equation: string, ...operands: readonly string[]): SampledRow => {
  const names = operands.map((_, i) => `x${i}`);
  return {
    name: `${equation} of ${operands.map((dims) => `[${dims}]`).join(" ")}`,
    graph: `(${operands.map((dims, i) => `float[${dims}] x${i}`).join(", ")}) => (y) { y = Einsum <equation = "${equation}"> (${names.join(", ")}) }`,
  };
};

const SPEC: SpecTable<typeof einsum> = {
  Einsum: [
    row("bij,bjk->bik", "N,2,3", "N,3,4"),
    row("bhwc,hkc->bhwk", "N,2,3,4", "2,5,4"),
    row(" B H i , B H j -> B H i j ", "N,2,3", "N,2,4"),
    row("ij", "3,4"),
    row("ba", "3,4"),
    row("ij,jk", "3,4", "4,2"),
    row("bij->bji", "N,2,3"),
    row("bij->b", "N,2,3"),
    row("bij->", "N,2,3"),
    row("i,j->ij", "3", "4"),
    row("bi,bj,bk->bijk", "N,2", "N,3", "N,2"),
    row("bi,ij,bj->b", "N,3", "3,4", "N,4"),
    row("bi,bi->b", "N,3", "N,3"),
    row("bii->bi", "N,3,3"),
    row("ii->", "3,3"),
    row("bii,bij->bj", "N,3,3", "N,3,2"),
    row("...ij,...jk->...ik", "N,2,2,3", "N,2,3,2"),
    row("...ij,jk->...ik", "N,2,2,3", "3,2"),
    row("...ij,...jk", "N,1,2,3", "1,5,3,2"),
    row("...i->...", "N,2,3"),
  ],
};

describeGradients(SPEC);
