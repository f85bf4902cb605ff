// Which normalizations the graph holds, and whether some were folded into convolutions.
import { findNormalizations } from "../../normalization/find-normalizations.ts";
import { foldedNormalization } from "../../normalization/folded.ts";
import { countKinds } from "../../normalization/kinds.ts";
import type { Maker, Normalizations } from "../artifacts.ts";

export const normalizations: Maker<"normalizations"> = {
  id: "normalizations",
  needs: [],
  make(_, { model: { info } }): Normalizations {
    const found = findNormalizations(info.model, info.shapes);
    return { counts: countKinds(found), folded: foldedNormalization(info.model, info.shapes, found) };
  },
};
