// Where the scores of the worst and the best images came from, as pictures.

import { overlay, sideBySide } from "../../images/overlay.ts";
import { conservative } from "../../images/scale.ts";
import type { HeatMap } from "../artifacts.ts";
import { type Audit, defineAudit } from "../audit.ts";
import type { Evidence } from "../result.ts";

export const heatMaps: Audit = defineAudit({
  id: "heat-maps",
  title: "The network looks at something in each image",
  failureTitle: "Some scores come from nowhere in the image",
  inWords: {
    good: "In every image that was looked at, some places speak for the network's answer; the pictures show which.",
    attention:
      "In some images no place clearly speaks for the network's answer, so what it looked at there is in doubt.",
    notApplicable: "The network does not keep places of the image apart, so there is nothing to draw.",
  },
  description:
    "Heat maps of the images with the least and the most confidence: each place's positive share of the predicted class's score. If the bright places are not on the object, the network reads something else.",
  learnMore: "https://arxiv.org/abs/2001.05153",
  needs: ["facts", "heatMaps"],
  audit({ facts, heatMaps: { worst, best } }) {
    const all = [...worst, ...best];
    if (facts.layer === undefined)
      return {
        verdict: "notApplicable",
        summary: "No value between the image and the scores has a spatial extent.",
      };
    const empty = all.filter((m) => m.map.warnings.length > 0);
    const evidence = [
      ...worst.map((m) => pictureOf(m, "least confident")),
      ...best.map((m) => pictureOf(m, "most confident")),
    ];
    if (empty.length > 0) {
      return {
        verdict: "attention",
        summary: `${empty.length} of ${all.length} maps are doubtful: ${empty[0]?.map.warnings[0]}.`,
        evidence,
      };
    }
    return {
      verdict: "good",
      summary: `Layer ${facts.layer} (${facts.layerGrid?.join("x")} cells), Extended-CAM with Gaussian upsampling, ${all.length} images.`,
      evidence,
    };
  },
});

function pictureOf({ map, picture }: HeatMap, group: string): Evidence {
  const name = map.className ?? `class ${map.classIndex}`;
  const { low, high, caption } = conservative.range(map, false);
  return {
    kind: "picture",
    caption: `${group}: ${map.source}, predicted ${name}, score ${map.score.toFixed(2)}, map sums to ${map.mapSum.toFixed(2)}; ${caption}`,
    image: sideBySide([picture, overlay(picture, map.map, { low, high })]),
  };
}
