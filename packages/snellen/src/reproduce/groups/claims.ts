// What is claimed of the number of groups (arXiv:2302.03193, and of the closed forms of this project), each with the test that
// decides it here and what the test found. Thresholds and tests: derived here.
import { pairedDifference } from "../../cam/measures/statistics.ts";
import { spreadOf } from "../../normalization/groups/isometry.ts";
import { shortNumber } from "../../report/number.ts";
import { type Claim, estimated, type Finding, type Verdict } from "../claim.ts";
import { differenceFinding, meanOf, SIGNIFICANT, withinVerdict } from "../claims-section.ts";
import type { Estimate } from "../jackknife.ts";
import type { AfterStudy } from "./after.ts";
import type { GainCurve, GainRow } from "./agreement.ts";
import type { DepthProfile } from "./depth.ts";
import type { GroupsExperiment } from "./experiment.ts";
import { type Architecture, CONVENTIONS } from "./ideals.ts";
import type { GivenResult } from "./models.ts";
import type { NetworkProfile, ProfileStudy } from "./profile.ts";
import type { ResidualCurve } from "./residual.ts";
import { groupTrainingClaims } from "./trainings.ts";

/** What "agrees" means for closed forms. */
const WITHIN = 0.05;

/** The claims: closed forms, what groups do, what the advice does, trainings last. */
export function groupsClaims(result: GroupsExperiment): Claim[] {
  const { gains, residuals, depths, after, profiles, models, trainings, seed } = result;
  return [
    { ...TESTS.closedForm, findings: [...gains.flatMap(agreement), ...models.flatMap(givenAgreement)] },
    { ...TESTS.residual, findings: residuals.map(residualAgreement) },
    { ...TESTS.groups, findings: gains.map(groupsMatter) },
    { ...TESTS.depth, findings: depths.filter(({ own, channels }) => own < channels).map(depthGrows) },
    { ...TESTS.depthForm, findings: depths.flatMap(depthAgreement) },
    { ...TESTS.after, findings: [afterIsometry(after)] },
    {
      ...TESTS.architecture,
      findings: CONVENTIONS.map((by) => architectureMatters(result.architectures, by)),
    },
    ...fixedChoices(profiles).map((other) => ({
      ...isometryTest(other),
      findings: profiles.flatMap((study) => isometry(study, other, seed)),
    })),
    ...groupTrainingClaims(trainings, seed),
  ];
}

const TESTS = {
  closedForm: {
    id: "closed-form",
    title: `the closed forms give the gradient gain within ${100 * WITHIN} % in their range`,
    test: `the gain over the formula lies within ${1 - WITHIN} and ${1 + WITHIN} with its whole interval for every number of groups in the formula's range whose gain has a variance; it does not hold where one interval lies wholly outside`,
  },
  residual: {
    id: "residual-sum",
    title: `a residual sum has the gain of its branch and 1, within ${100 * WITHIN} %`,
    test: "as for the closed form, of 1 + the product of the closed forms of both weights, which are told what they read",
  },
  groups: {
    id: "groups-scale",
    title: "the number of groups changes how the gradient is scaled",
    test: "the intervals of the gain for the fewest and the most groups, of those whose gain has a variance, do not overlap",
  },
  depth: {
    id: "depth",
    title:
      "the gain of G = C grows with depth where layers run with fewer groups, as the share of offsets does",
    test: "the intervals of the gain of G = C in the second and the last layer do not overlap, and those of the offset share neither",
  },
  depthForm: {
    id: "depth-closed-form",
    title: `the closed form with the measured offset share gives the gain at every depth within ${100 * WITHIN} %`,
    test: "as for the closed form, over layers",
  },
  after: {
    id: "after-activation",
    title: "a normalization behind a ReLU is isometric at m = 2π channels per group",
    test: `the simulated gain at m = 6 or 7 lies within ${100 * WITHIN} % of 1 with its whole interval; it does not hold where both intervals lie outside`,
  },
  architecture: {
    id: "architecture",
    title: "the ideal number of groups depends on the architecture",
    test: "the closed form's ideal is not the same number for all layers that read a normalized input",
  },
} as const;

const TITLES: Readonly<Record<string, string>> = { relu: "ReLU", gelu: "GELU", silu: "SiLU" };
export const activationTitle = (id: string): string => TITLES[id] ?? id;

const curveName = ({ network, activation, by }: GainCurve): string =>
  `${network} with ${activationTitle(activation)}, ${by === "graph" ? "on graphs" : "simulated"}`;

/** On graphs once told what the layers read, and once from sizes alone. */
function agreement(curve: GainCurve): Finding[] {
  const subject = curveName(curve);
  if (curve.by === "simulation") return [ratios(subject, curve.rows, ({ ratio }) => ratio)];
  return [
    ratios(subject, curve.rows, ({ ratioInformed }) => ratioInformed),
    ratios(`${subject}, from sizes alone`, curve.rows, ({ ratio }) => ratio),
  ];
}

function ratios(subject: string, rows: readonly GainRow[], of: (row: GainRow) => Estimate | null): Finding {
  const ranged = rows.flatMap((row) => {
    const ratio = of(row);
    return row.isInRange && ratio !== null ? [{ groups: row.groups, ratio, isDecided: row.hasVariance }] : [];
  });
  const decided = ranged.filter(({ isDecided }) => isDecided);
  const others = ranged.filter(({ isDecided }) => !isDecided);
  const left = others.map(({ groups, ratio }) => `G = ${groups} (${estimated(ratio)})`).join(", ");
  const { verdict, measured } = within(
    decided.map(({ groups, ratio }) => ({ name: `G = ${groups}`, ratio })),
  );
  return { subject, verdict, measured: `${measured}${left === "" ? "" : `; without a variance: ${left}`}` };
}

type Named = { readonly name: string; readonly ratio: Estimate };

/** Whether the closed form gives all of these, and which one it is farthest from. */
const within = (known: readonly Named[]): Omit<Finding, "subject"> => ({
  verdict: withinVerdict(
    known.map(({ ratio }) => ratio),
    WITHIN,
  ),
  measured: farthest(known),
});

const farthest = (rows: readonly Named[]): string => {
  const [first] = [...rows].sort((a, b) => distance(b) - distance(a));
  if (first === undefined) return "nothing in range";
  return `ratios of ${rows.length}, farthest from 1: ${estimated(first.ratio)} (${first.name})`;
};
const distance = ({ ratio }: Named): number => Math.abs(Math.log(ratio.value));

function givenAgreement({ name, layers, refused }: GivenResult): Finding[] {
  if (refused !== null) return [{ subject: name, verdict: "undecided", measured: refused }];
  const known = layers.flatMap(({ node, ratioInformed }) =>
    ratioInformed === null ? [] : [{ name: node, ratio: ratioInformed }],
  );
  return known.length === 0 ? [] : [{ subject: `${name}, as it is`, ...within(known) }];
}

function residualAgreement({ activation, by, rows }: ResidualCurve): Finding {
  const known = rows.flatMap(({ groups, ratio, isInRange }) =>
    ratio === null || !isInRange ? [] : [{ name: `G = ${groups}`, ratio }],
  );
  return {
    subject: `blocks with ${activationTitle(activation)}, ${by === "graph" ? "on graphs" : "simulated"}`,
    ...within(known),
  };
}

const overlaps = (a: Estimate, b: Estimate): boolean | undefined =>
  a.interval === null || b.interval === null
    ? undefined
    : a.interval[0] <= b.interval[1] && b.interval[0] <= a.interval[1];

function groupsMatter(curve: GainCurve): Finding {
  const rows = curve.rows.filter(({ hasVariance }) => hasVariance);
  const [first, last] = [rows[0] as GainRow, rows.at(-1) as GainRow];
  const apart = overlaps(first.measured, last.measured) === false;
  return {
    subject: curveName(curve),
    verdict: apart ? "holds" : "undecided",
    measured: `gain ${estimated(first.measured)} for G = ${first.groups}, ${estimated(last.measured)} for G = ${last.groups}`,
  };
}

function depthGrows({ own, layers }: DepthProfile): Finding {
  const [first, last] = [layers[0], layers.at(-1)].map((layer) => ({
    share: layer?.offsetShare as Estimate,
    gain: layer?.gains.at(-1)?.measured as Estimate,
    groups: layer?.gains.at(-1)?.groups,
  })) as [LayerEnds, LayerEnds];
  const isApart = overlaps(first.share, last.share) === false && overlaps(first.gain, last.gain) === false;
  const hasGrown = last.gain.value > first.gain.value && last.share.value > first.share.value;
  return {
    subject: `layers with G = ${own}`,
    verdict: isApart ? (hasGrown ? "holds" : "does not hold") : "undecided",
    measured: `share ${estimated(first.share)} to ${estimated(last.share)}, gain of G = ${first.groups} ${estimated(first.gain)} to ${estimated(last.gain)}`,
  };
}
type LayerEnds = { readonly share: Estimate; readonly gain: Estimate; readonly groups: number };

function depthAgreement({ own, layers }: DepthProfile): Finding[] {
  const counts = layers[0]?.gains.map(({ groups }) => groups) ?? [];
  return counts.map((groups, i): Finding => {
    const known = layers.flatMap(({ layer, gains }) => {
      const ratio = gains[i]?.ratioInformed ?? null;
      return ratio === null ? [] : [{ name: `layer ${layer}`, ratio }];
    });
    return { subject: `G = ${groups} among layers with G = ${own}`, ...within(known) };
  });
}

function afterIsometry({ rows }: AfterStudy): Finding {
  const near = rows.filter(({ channelsPerGroup: m }) => m === 6 || m === 7);
  const verdicts = near.map(({ simulated }) => withinVerdict([simulated], WITHIN));
  const verdict: Verdict = verdicts.includes("holds")
    ? "holds"
    : verdicts.every((v) => v === "does not hold")
      ? "does not hold"
      : "undecided";
  const lowest = rows.reduce((a, b) => (b.simulated.value < a.simulated.value ? b : a));
  const at = near.map(
    ({ channelsPerGroup, simulated }) => `${estimated(simulated)} at m = ${channelsPerGroup}`,
  );
  return {
    subject: "linear layers with ReLU, simulated",
    verdict,
    measured: `gain ${at.join(", ")}; lowest of all ${estimated(lowest.simulated)}, at m = ${lowest.channelsPerGroup}`,
  };
}

function architectureMatters(all: readonly Architecture[], by: (typeof CONVENTIONS)[number]): Finding {
  const listed = all.map(({ name, layers }) => {
    const ideals = layers.slice(1).map(({ ideals }) => ideals[by].groups);
    return { name, ideals };
  });
  const distinct = new Set(listed.flatMap(({ ideals }) => ideals));
  return {
    subject: `by ${by}`,
    verdict: distinct.size > 1 ? "holds" : "does not hold",
    measured: listed
      .map(({ name, ideals }) => `${name}: ${[...new Set(ideals)].map((g) => g ?? "none").join(", ")}`)
      .join("; "),
  };
}

/** Which spread tells isometry under a convention. */
const SPREAD = {
  norm: ({ logLengths }: NetworkProfile) => spreadOf(logLengths),
  variance: ({ logPerElement }: NetworkProfile) => spreadOf(logPerElement),
} as const;

const fixedChoices = (profiles: readonly ProfileStudy[]): string[] =>
  (profiles[0]?.networks[0] ?? []).flatMap(({ choice }) => (choice.startsWith("advised") ? [] : [choice]));

const isometryTest = (other: string) => ({
  id: `isometry, ${other}`,
  title: `the advised groups keep the gradient's length nearer to constant than ${other}`,
  test: `sign-flip test over networks: the standard deviation over layers of the length's logarithm is lower with the advised groups, p < ${SIGNIFICANT}; under the variance convention, which is told apart where widths differ, of the length per element`,
});

/** Whether length and length per element differ by one factor in all layers. */
function hasEvenSizes({ logLengths, logPerElement }: NetworkProfile): boolean {
  const factors = logLengths.flatMap((length, i) =>
    length === null ? [] : [length - (logPerElement[i] as number)],
  );
  return factors.every((factor) => Math.abs(factor - (factors[0] as number)) < 1e-9);
}

/** Where all layers are of one size, both conventions are about the same length. */
function isometry({ network, networks }: ProfileStudy, choice: string, seed: number): Finding[] {
  const isEven = networks[0]?.every(hasEvenSizes) === true;
  return CONVENTIONS.slice(0, isEven ? 1 : 2).map((by): Finding => {
    const subject = isEven ? network : `${network} by ${by}`;
    const spreads = (of: string) =>
      networks.map((profiles) => {
        const found = profiles.find((profile) => profile.choice === of);
        return (found === undefined ? null : SPREAD[by](found)) ?? undefined;
      });
    const [own, other] = [spreads(`advised by ${by}`), spreads(choice)];
    if (other.every((spread) => spread === undefined))
      return { subject, verdict: "holds", measured: `with ${choice} no gradient arrives` };
    const found = pairedDifference(own, other, { seed });
    const means = [own, other].map((values) => shortNumber(meanOf(values))).join(" against ");
    const finding = differenceFinding(subject, found, "difference");
    return { ...finding, measured: `spread ${means}; ${finding.measured}` };
  });
}
