// What scores at many places of a picture are taken for, in plain words: everything here asks a network for classes of a picture.
import { positionCount, positionGrid } from "./class-scores.ts";
import type { LogitsInfo } from "./logits.ts";

/** Some sentences on the scores of a network that is no classifier of whole pictures, by their shape; undefined for one that is. */
export function denseScoresText(logits: LogitsInfo): string | undefined {
  const places = positionCount(logits);
  if (places === 1) return undefined;
  const grid = positionGrid(logits);
  const [seen, kind, strongest, all] =
    grid === undefined
      ? [`${places} places of a picture`, "detectors have for their boxes", "box", "all that it detects"]
      : [`${grid.join("x")} places of a picture`, "segmentation models have", "place", "whole masks"];
  return `Output "${logits.output}" has scores at ${seen}, as ${kind}. A class counts here by its highest score over all of them: predictions, confidence and accuracy are about the strongest ${strongest}, not about ${all}.`;
}
