// Which normalizations the graph holds, and whether some were folded into convolutions.
import { findNormalizations } from "../../normalization/find-normalizations.ts";
import { foldedNormalization } from "../../normalization/folded.ts";
import type { Maker, Normalizations } from "../artifacts.ts";

export const normalizations: Maker<"normalizations"> = {
  id: "normalizations",
  needs: [],
  make(_, { model: { info } }): Normalizations {
    const found = findNormalizations(info.model, info.shapes);
    const counts: Record<string, number> = {};
    for (const { kind } of found) counts[kind] = (counts[kind] ?? 0) + 1;
    return { counts, folded: foldedNormalization(info.model, info.shapes, found) };
  },
};
