// The page on groups, second half: the gradient's length over deep networks, and the user's own networks.

import type { Plot, Table } from "../../exam/result.ts";
import { spreadOf } from "../../normalization/groups/isometry.ts";
import type { DocumentSection } from "../../report/document.ts";
import { shortNumber } from "../../report/number.ts";
import { counted, headed, ratio, text } from "../report-cells.ts";
import type { GivenResult } from "./models.ts";
import type { ProfileStudy } from "./profile.ts";

export function profileSection(studies: readonly ProfileStudy[]): DocumentSection {
  return {
    title: "Isometry profile",
    text: [
      "Noise sent in at the scores; the length of the gradient at the output of every layer. Spread: the standard deviation of its natural logarithm over the layers, mean and range over networks; 0 is isometric. Advised: measured on the network as it was, with G = 32, as snellen groups does. “Measured again” advises once more on the network with the groups that were advised first.",
    ],
    evidence: studies.flatMap((study) => [profileTable(study), profilePlot(study)]),
  };
}

const profileTable = ({ network, networks }: ProfileStudy): Table => ({
  kind: "table",
  caption: `${network}: spread over the layers, ${networks.length} networks`,
  columns: headed([
    "groups",
    "spread of length",
    "spread per element",
    "first over last layer",
    "groups chosen (layers of all networks)",
  ]),
  rows: (networks[0] ?? []).map(({ choice }, i) => {
    const own = networks.flatMap((profiles) => profiles[i] ?? []);
    const growth = own.map(({ logLengths }) => {
      const [first, last] = [logLengths[0], logLengths.at(-1)];
      return first == null || last == null ? null : Math.exp(first - last);
    });
    return [
      choice,
      range(own.map(({ logLengths }) => spreadOf(logLengths))),
      range(own.map(({ logPerElement }) => spreadOf(logPerElement))),
      range(growth),
      counted(own.flatMap(({ groups }) => groups)),
    ];
  }),
});

/** "0.12 (0.07 to 0.2)"; where some have no value, of the others. */
function range(values: readonly (number | null)[]): string {
  const known = values.filter((v) => v !== null);
  if (known.length === 0) return "no gradient arrives";
  const mean = known.reduce((sum, v) => sum + v, 0) / known.length;
  return `${shortNumber(mean)} (${shortNumber(Math.min(...known))} to ${shortNumber(Math.max(...known))})`;
}

function profilePlot({ network, networks }: ProfileStudy): Plot {
  const series = (networks[0] ?? []).flatMap(({ choice, logLengths }, i) => {
    const points = logLengths.flatMap((_, layer): [number, number][] => {
      const logs = networks.map((profiles) => profiles[i]?.logLengths[layer] ?? null);
      if (!logs.every((v) => v !== null)) return [];
      return [[layer + 1, Math.exp(logs.reduce((sum, v) => sum + v, 0) / logs.length)]];
    });
    return points.length < 2 ? [] : [{ name: choice, points, style: "line" as const }];
  });
  return {
    kind: "plot",
    caption: `${network}: gradient length by layer, geometric mean over networks`,
    x: { title: "layer" },
    y: { title: "‖∂L/∂o‖", scale: "log" },
    series,
  };
}

export function givenSections(models: readonly GivenResult[]): DocumentSection[] {
  if (models.length === 0) return [];
  return [
    {
      title: "Given networks",
      text: [
        "As they are, with the groups that they have. Gain over the informed closed form: with a scale of 1, as the form has it; interval over images, which share the network's weights. Ideal, gains and lengths: with the network's own scales.",
        ...models.flatMap(({ name, refused, advice }) => [
          ...(refused === null ? [] : [`${name}: not measured, as ${refused}`]),
          ...(advice?.notes ?? []).map((note) => `${name}: ${note}`),
        ]),
      ],
      evidence: models.flatMap(({ name, layers, advice }) =>
        advice === null || layers.length === 0
          ? []
          : [givenTable(name, layers, advice), givenSpread(name, advice)],
      ),
    },
  ];
}

type Advice = NonNullable<GivenResult["advice"]>;

const givenTable = (name: string, layers: GivenResult["layers"], advice: Advice): Table => ({
  kind: "table",
  caption: `${name}: layers`,
  columns: headed([
    "layer",
    "channels",
    "groups",
    "gain now",
    "gain / informed",
    "ideal by norm",
    "closed form's",
    "ideal by variance",
    "closed form's",
  ]),
  rows: layers.map(({ node, channels, groups, ratioInformed }, l) => {
    const own = advice.layers[l];
    const { norm, variance } = own?.idealByConvention ?? {};
    return [
      node,
      channels,
      groups,
      text(own?.gainNow),
      ratio(ratioInformed),
      norm?.measured ?? null,
      norm?.closedForm ?? null,
      variance?.measured ?? null,
      variance?.closedForm ?? null,
    ];
  }),
});

const givenSpread = (name: string, { profile }: Advice): Table => ({
  kind: "table",
  caption: `${name}: spread of the gradient's log length over the inputs of its layers`,
  columns: headed(["groups", "spread", "first over last layer"]),
  rows: profile.curves.map(({ name: choice, lengths }) => {
    const logs = lengths.map((length) => (length > 0 ? Math.log(length) : null));
    const spread = spreadOf(logs);
    const [first, last] = [lengths[0] ?? 0, lengths.at(-1) ?? 0];
    return [
      choice,
      spread === null ? "no gradient arrives" : shortNumber(spread),
      last === 0 ? null : shortNumber(first / last),
    ];
  }),
});
