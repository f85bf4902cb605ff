// Whether the file still holds its normalizations, or an exporter folded them into convolutions, where no advice reaches them.
import { kindsText } from "../../normalization/kinds.ts";
import { type Audit, defineAudit } from "../audit.ts";

export const foldedNormalization: Audit = defineAudit({
  id: "folded-normalization",
  title: "Advice on normalizations can reach them",
  failureTitle: "Normalizations were folded away",
  inWords: {
    good: "The file still has its normalization layers, so advice on training them can be given.",
    notApplicable:
      "The file has no normalization layers, or its export merged some into other layers; answers stay the same, but advice on training them cannot be given.",
  },
  description:
    "Exporters multiply batch normalization into the convolution before it, which changes nothing at inference. But its scales are gone: which of them to regularize, and whether groups would do better, cannot be read from such a file.",
  learnMore: "https://arxiv.org/abs/2205.07260",
  needs: ["normalizations"],
  audit({ normalizations: { counts, folded } }) {
    const kept = kindsText(counts);
    const list = kept === "" ? "" : `The graph holds ${kept} normalizations.`;
    if (folded.folded === 0)
      return {
        verdict: kept === "" ? "notApplicable" : "good",
        summary: list || "The graph holds no normalization, and nothing speaks for folded ones.",
      };
    return {
      verdict: "notApplicable",
      summary: [list, folded.how, folded.advice].filter(Boolean).join(" "),
    };
  },
});
