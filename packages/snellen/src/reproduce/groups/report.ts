// What the experiment on the number of groups found, as a page: the claims with a verdict each, then all numbers.
import type { Plot, Table } from "../../exam/result.ts";
import type { Document, DocumentSection } from "../../report/document.ts";
import { shortNumber } from "../../report/number.ts";
import { estimated } from "../claim.ts";
import { claimsSection } from "../claims-section.ts";
import { givenNames } from "../given.ts";
import type { Estimate } from "../jackknife.ts";
import { counted, headed, ratio, text } from "../report-cells.ts";
import { EFFORTS } from "../study.ts";
import type { AfterStudy } from "./after.ts";
import type { GainCurve } from "./agreement.ts";
import { activationTitle, groupsClaims } from "./claims.ts";
import type { DepthProfile } from "./depth.ts";
import type { GroupsExperiment } from "./experiment.ts";
import type { Architecture, LayerIdeal } from "./ideals.ts";
import { givenSections, profileSection } from "./report-profile.ts";
import { trainingSections } from "./report-trainings.ts";
import type { ResidualCurve } from "./residual.ts";

const INTRO =
  "The number of groups of a group normalization changes how it scales the gradient; arXiv:2302.03193 calls that number ideal with which the gradient keeps its size, says that it depends on the architecture and is to be chosen layer by layer, and that it trains better than fixed numbers. Only the abstract is public to this project: definition and formulas are its own.";

const METHOD =
  "Gain: mean ‖∂L/∂x‖² over mean ‖∂L/∂o‖² of a block [weight → normalization → activation] from its input x to its output o, for independent noise of unit variance sent back from o (norm); times the elements that leave over those that enter, it is the gain per element (variance). Networks are untrained where nothing else is said, with He-scaled Gaussian weights, γ = 1 and β = 0, on Gaussian pictures. Brackets are 95 % intervals: of simulations over draws, of graphs over networks whose weights were drawn anew (Student's t), of given networks over images. Nothing is corrected for the number of tests.";

/** The page of the experiment on the number of groups: the claims with a verdict each, then all numbers. */
export function groupsDocument(result: GroupsExperiment): Document {
  const { seed, effort, models } = result;
  return {
    title: "Groups of group normalization: what holds here",
    intro: [
      INTRO,
      METHOD,
      `Seed ${seed}${effort.networks < EFFORTS.full.networks ? "; a quick run, with fewer draws and networks than the experiment takes" : ""}.${models.length === 0 ? "" : ` Given networks: ${givenNames(models)}.`}`,
    ],
    sections: [
      claimsSection(groupsClaims(result)),
      gainSection(result.gains),
      residualSection(result.residuals),
      depthSection(result.depths),
      afterSection(result.after),
      idealSection(result.architectures),
      profileSection(result.profiles),
      ...trainingSections(result.trainings, result.trainedOn, seed),
      ...givenSections(models),
    ],
  };
}

function gainSection(curves: readonly GainCurve[]): DocumentSection {
  const networks = [...new Set(curves.map(({ network }) => network))];
  const setups = curves.map(
    ({ network, by, setup }) => `${network}, ${by === "graph" ? "on graphs" : "simulated"}: ${setup}.`,
  );
  return {
    title: "Gain against the number of groups",
    text: [
      "By the closed form, by Monte Carlo of one block whose input was drawn, and on graphs of several layers. There a layer reads what the layers before made: its values vary from channel to channel, and near zero-padded borders they are smaller. “Informed” is the closed form told the mean square and the offsets of what the layer reads. A gain whose draws have no variance (five values per group or fewer) is not known to within its interval, and only its mean is given.",
      [...new Set(setups)].join(" "),
    ],
    evidence: networks.flatMap((network) => {
      const own = curves.filter((curve) => curve.network === network);
      return [gainTable(network, own), gainPlot(network, own)];
    }),
  };
}

const GAIN_COLUMNS = [
  "activation",
  "G",
  "closed form",
  "simulated",
  "over closed form",
  "on graphs",
  "over closed form",
  "over informed",
  "in its range",
];

/** A row for each activation and number of groups. */
function gainTable(network: string, curves: readonly GainCurve[]): Table {
  const rowsOf = (activation: string, by: GainCurve["by"]) =>
    curves.find((curve) => curve.activation === activation && curve.by === by)?.rows ?? [];
  return {
    kind: "table",
    caption: `${network}: gain by number of groups`,
    columns: headed(GAIN_COLUMNS),
    rows: [...new Set(curves.map(({ activation }) => activation))].flatMap((activation) =>
      rowsOf(activation, "simulation").map((simulated, i) => {
        const graph = rowsOf(activation, "graph")[i];
        const cell = (estimate: Estimate | null | undefined) =>
          simulated.hasVariance ? ratio(estimate ?? null) : text(estimate?.value);
        return [
          activationTitle(activation),
          simulated.groups,
          text(simulated.formula),
          cell(simulated.measured),
          cell(simulated.ratio),
          cell(graph?.measured),
          cell(graph?.ratio),
          cell(graph?.ratioInformed),
          simulated.isInRange ? "yes" : `no: ${simulated.reason}`,
        ];
      }),
    ),
  };
}

function gainPlot(network: string, curves: readonly GainCurve[]): Plot {
  const series = curves.flatMap(({ activation, by, rows }) => {
    const shown = rows.filter(({ hasVariance }) => hasVariance);
    const measured = {
      name: `${activationTitle(activation)}, ${by === "graph" ? "graphs" : "simulated"}`,
      points: shown.map(({ groups, measured }): [number, number] => [groups, measured.value]),
      style: "points" as const,
    };
    if (by === "graph") return [measured];
    const points = shown.flatMap(({ groups, formula }): [number, number][] =>
      formula === null ? [] : [[groups, formula]],
    );
    return [
      { name: `${activationTitle(activation)}, closed form`, points, style: "line" as const },
      measured,
    ];
  });
  return {
    kind: "plot",
    caption: `${network}: gain by number of groups`,
    x: { title: "G", scale: "log" },
    y: { title: "gain by norm" },
    series,
  };
}

function residualSection(curves: readonly ResidualCurve[]): DocumentSection {
  return {
    title: "Residual blocks",
    text: [
      "x + [conv → GN → φ → conv → GN](x): skip and branch hand gradients back that have nothing to do with each other, so that the sum's gain is one more than the branch's. In a chain of blocks x grows and the branch's part of the gradient shrinks with it, whatever the groups.",
      ...curves.map(({ activation, by, setup }) => `${activationTitle(activation)}, ${by}: ${setup}.`),
    ],
    evidence: [
      {
        kind: "table",
        caption: "Gain of the sum and of the branch",
        columns: headed([
          "activation",
          "by",
          "G",
          "sum",
          "branch",
          "branch by closed form",
          "sum / (1 + closed form)",
          "sum by block",
        ]),
        rows: curves.flatMap(({ activation, by, rows }) =>
          rows.map((row) => [
            activationTitle(activation),
            by,
            row.groups,
            estimated(row.sum),
            estimated(row.branch),
            text(row.branchFormula),
            ratio(row.ratio),
            row.byBlock.length === 0 ? null : row.byBlock.map(({ value }) => shortNumber(value)).join(", "),
          ]),
        ),
      },
    ],
  };
}

function depthSection(profiles: readonly DepthProfile[]): DocumentSection {
  const [first] = profiles;
  const counts = first?.layers[0]?.gains.map(({ groups }) => groups) ?? [];
  const columns = [
    "layers run with",
    "layer",
    "offset share",
    ...counts.flatMap((g) => [`gain of G = ${g}`, "from sizes", "informed", "gain / informed"]),
  ];
  return {
    title: "Gain over depth",
    text: [
      `CNNs of ${first?.channels ?? 0} channels with ReLU, ${first?.networks ?? 0} of each kind. The offset share is the part of the mean square of a layer's input that is one number per channel: 1/π for independent positions. G = C takes the offsets off; with fewer groups they pile up from layer to layer, and the gain of many groups with them.`,
    ],
    evidence: [
      {
        kind: "table",
        caption: "Gains by layer",
        columns: headed(columns),
        rows: profiles.flatMap(({ own, layers }) =>
          layers.map(({ layer, offsetShare, gains }) => [
            `G = ${own}`,
            layer,
            estimated(offsetShare),
            ...gains.flatMap((g) => [
              estimated(g.measured),
              text(g.formula),
              text(g.informed),
              ratio(g.ratioInformed),
            ]),
          ]),
        ),
      },
      depthPlot(profiles, counts.at(-1) ?? 0),
    ],
  };
}

/** Of the most groups, which take off what piles up. */
const depthPlot = (profiles: readonly DepthProfile[], groups: number): Plot => ({
  kind: "plot",
  caption: `Gain of G = ${groups} by depth`,
  x: { title: "layer" },
  y: { title: "gain by norm" },
  series: profiles.flatMap(({ own, layers }) => {
    const points = (of: "measured" | "informed") =>
      layers.flatMap(({ layer, gains }): [number, number][] => {
        const last = gains.at(-1);
        const gain = of === "measured" ? last?.measured.value : last?.informed;
        return gain == null ? [] : [[layer, gain]];
      });
    return [
      { name: `layers with G = ${own}`, style: "points" as const, points: points("measured") },
      { name: `G = ${own}, informed closed form`, style: "line" as const, points: points("informed") },
    ];
  }),
});

const afterSection = ({ channels, draws, networks, rows }: AfterStudy): DocumentSection => ({
  title: "Normalization after the activation",
  text: [
    `[linear → ReLU → GN] of ${channels} channels; ${draws} draws, and ${networks} networks. “First order” is c/v·(1 − 2/m), which is 1 at m = 2π. It takes the variance of few rectified values for its mean; but it is near zero now and then, and what the gradient is divided by with it. For few channels the gain's draws have no variance, so that these intervals tell where it starts rather than where it ends.`,
  ],
  evidence: [
    {
      kind: "table",
      caption: "Gain by channels per group",
      columns: headed(["m", "first order", "closed form, in its range", "simulated", "on graphs"]),
      rows: rows.map((row) => [
        row.channelsPerGroup,
        text(row.simple),
        text(row.formula),
        estimated(row.simulated),
        estimated(row.measured),
      ]),
    },
  ],
});

function idealSection(all: readonly Architecture[]): DocumentSection {
  const cells = ({ groups, gain, measured }: LayerIdeal) => [groups, text(gain), counted(measured)];
  return {
    title: "Ideal groups by architecture",
    text: [
      "The divisor of the channels whose gain is nearest to 1, by logarithm; ties go to fewer groups. All with ReLU. The last layer of a residual branch, and a projection, have no activation before the sum. Measured: on networks of these sizes run with G = 32, how many of them have which ideal; gains that are nearly the same for several G leave it to chance.",
    ],
    evidence: all.map(
      ({ name, layers }): Table => ({
        kind: "table",
        caption: name,
        columns: headed([
          "layer",
          "channels in → out",
          "ideal by norm",
          "its gain",
          "measured (networks)",
          "ideal by variance",
          "its gain",
          "measured (networks)",
        ]),
        rows: layers.map((layer) => [
          layer.name,
          layer.sizes,
          ...cells(layer.ideals.norm),
          ...cells(layer.ideals.variance),
        ]),
      }),
    ),
  };
}
