// Which layer and method find the annotated objects best on this network.
import { lowOfBest } from "../../cam/measures/statistics.ts";
import { camMethod } from "../../cam/methods/index.ts";
import type { Localization } from "../artifacts.ts";
import { defineAudit } from "../audit.ts";
import { figure } from "../figure.ts";
import type { Figure } from "../result.ts";

/** Rows of the table. */
const SHOWN = 12;

/** Shown beside the best: what the features alone find, whatever the class. */
const CONTROL = "random-cam";

/** What `snellen cam` makes unless it is told otherwise. */
const DEFAULT = "extended-cam";

const RANDOM = "the layer's features weighted at random";

/** No layer bears on such maps. */
const isByPixel = (method: string): boolean => camMethod(method).kind === "pixels";

export const localization = defineAudit({
  id: "localization",
  title: "Heat maps find the objects",
  failureTitle: "No heat map finds the objects better than chance",
  inWords: {
    good: "Heat maps point at the objects that you marked, so they can show what the network looks at.",
    attention:
      "Heat maps do not point at the objects that you marked more than chance would, so do not rely on them here.",
    notApplicable:
      "No image marks where an object that the network knows lies, so heat maps could not be compared with the truth.",
  },
  description:
    "Where boxes or masks are known, a map's evidence should lie on the object. Which method and layer do that best differs from network to network; believe those here before others. The best passes where it beats chance by more than luck among so many would explain (Bonferroni).",
  learnMore: "https://arxiv.org/abs/2001.07437",
  needs: ["facts", "localization"],
  audit({ facts, localization: found }) {
    if (found === undefined)
      return {
        verdict: "notApplicable",
        summary: "No image has a box or mask of a class that the network knows.",
      };
    const rows = found.rows
      .filter(({ energy }) => energy.mean !== undefined)
      .sort((a, b) => (b.energy.mean as number) - (a.energy.mean as number));
    const candidates = rows.filter(({ method }) => method !== CONTROL);
    const [best] = candidates;
    if (best === undefined)
      return {
        verdict: "attention",
        summary: `None of the maps of ${found.images} images holds positive evidence.`,
      };
    const { title } = camMethod(best.method);
    const isPixels = isByPixel(best.method);
    const control = rows.find(({ method, layer }) => method === CONTROL && layer === best.layer)?.energy.mean;
    const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
    const energy = best.energy.mean as number;
    const low = best.energy.interval && lowOfBest(energy, best.energy.interval, candidates.length);
    const name = isPixels ? title : `${title} at layer ${best.layer} (${best.grid.join("x")} cells)`;
    const besides = isPixels || control === undefined ? "" : `${RANDOM}: ${percent(control)}; `;
    return {
      verdict: (low ?? energy) > found.chance ? "good" : "attention",
      summary: `${name} is best: ${percent(energy)} of its positive evidence lies on the object, which covers ${percent(found.chance)} of the picture (${besides}${found.images} images).`,
      evidence: [
        {
          kind: "table",
          caption: `The best ${Math.min(SHOWN, rows.length)} of ${rows.length}, Gaussian upsampling. Energy: share of the positive map on the object, with the 95 % interval of each alone.`,
          columns: [
            { title: "method" },
            { title: "layer" },
            { title: "cells" },
            { title: "energy", digits: 3 },
            { title: "low", digits: 3 },
            { title: "high", digits: 3 },
            { title: "IoU", digits: 3 },
            { title: "pointing game", digits: 2 },
          ],
          rows: rows
            .slice(0, SHOWN)
            .map(({ method, layer, grid, energy, iou, pointing }) => [
              camMethod(method).title,
              ...(isByPixel(method) ? ["", "pixels"] : [layer, grid.join("x")]),
              energy.mean ?? null,
              energy.interval?.[0] ?? null,
              energy.interval?.[1] ?? null,
              iou.mean ?? null,
              pointing.mean ?? null,
            ]),
        },
      ],
      figures: figuresOf(found, facts.layer),
      remedy: `snellen cam <model> --images <folder> --method ${best.method}${isPixels ? "" : ` --layer "${best.layer}" --upsampling gaussian`}`,
    };
  },
});

/** Of the default method at the default layer, whichever is best here: the same question for every model. */
function figuresOf({ rows }: Localization, layer: string | undefined): Figure[] {
  const own = rows.find((row) => row.method === DEFAULT && row.layer === layer);
  if (own === undefined) return [];
  const { title } = camMethod(DEFAULT);
  const share = (id: string, name: string, { mean, interval }: typeof own.energy): Figure =>
    figure(
      { id, name, unit: "%", better: "higher" },
      mean === undefined ? null : 100 * mean,
      interval && [100 * interval[0], 100 * interval[1]],
    );
  return [
    share("energy", `${title}'s evidence on the object (energy)`, own.energy),
    share("pointing", `${title}'s maximum on the object (pointing game)`, own.pointing),
  ];
}
