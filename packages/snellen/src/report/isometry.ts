// The isometry profile as a plot, for exams and the command line.
import type { Plot } from "../exam/result.ts";
import type { GroupAdvice } from "../normalization/groups/advise-groups.ts";

/** The gradient's length at every layer, for the groups as they are and four choices. */
export const isometryPlot = ({ profile }: Pick<GroupAdvice, "profile">): Plot => ({
  kind: "plot",
  caption:
    "Length of the gradient at the input of each layer, for noise of unit variance at the scores; a level line, at any height, lets it pass as it is",
  x: { title: "layer, from the image to the scores" },
  y: { title: "root mean square length of dL/dx", scale: "log" },
  series: profile.curves.map(({ name, lengths }, i) => ({
    name,
    points: lengths.map((length, layer): [number, number] => [layer + 1, length]),
    style: i === 0 ? "dashed" : "line",
  })),
});
