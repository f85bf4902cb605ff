// Oracle: verdicts by hand from made-up numbers on either side of each bound.
import { describe, expect, it } from "vitest";
import { differenceFinding, withinVerdict } from "../claims-section.ts";
import type { Estimate } from "../jackknife.ts";
import type { GainRow } from "./agreement.ts";
import { groupsClaims } from "./claims.ts";
import type { GroupsExperiment } from "./experiment.ts";
import type { GroupTraining } from "./trainings.ts";

const around = (value: number, half: number): Estimate => ({ value, interval: [value - half, value + half] });

describe("withinVerdict", () => {
  it.each([
    [[around(1, 0.04)], "holds"],
    [[around(1, 0.04), around(0.97, 0.01)], "holds"],
    [[around(1, 0.06)], "undecided"],
    [[around(1.04, 0.02)], "undecided"],
    [[around(1.1, 0.04)], "does not hold"],
    [[around(1, 0.01), around(0.9, 0.04)], "does not hold"],
    [[{ value: 1, interval: null }], "undecided"],
    [[], "undecided"],
  ])("of %j is %s", (ratios, verdict) => {
    expect(withinVerdict(ratios, 0.05)).toBe(verdict);
  });
});

describe("differenceFinding", () => {
  it.each([
    [-1, 0.01, "holds"],
    [1, 0.01, "does not hold"],
    [-1, 0.05, "undecided"],
    [undefined, undefined, "undecided"],
  ])("of a mean of %s with p %s is %s", (mean, p, verdict) => {
    expect(differenceFinding("net", { mean, p, interval: undefined, count: 8 }, "x").verdict).toBe(verdict);
  });
});

const EMPTY: GroupsExperiment = {
  version: 1,
  seed: 0,
  effort: { networks: 10, draws: 1, depth: 1, activations: 3 },
  gains: [],
  residuals: [],
  depths: [],
  architectures: [],
  profiles: [],
  after: { channels: 84, draws: 10, networks: 2, rows: [] },
  models: [],
  trainings: [],
  trainedOn: null,
};

const gain = (groups: number, more: Partial<GainRow> = {}): GainRow => ({
  groups,
  formula: 1,
  isInRange: true,
  reason: "",
  measured: around(1, 0.01),
  ratio: around(1, 0.01),
  ratioInformed: null,
  hasVariance: true,
  ...more,
});

const findingsOf = (id: string, more: Partial<GroupsExperiment>) => {
  const after = { ...EMPTY.after, rows: [afterRow(6, around(2, 0.1)), afterRow(84, around(1.5, 0.1))] };
  return groupsClaims({ ...EMPTY, after, ...more }).find((claim) => claim.id === id)?.findings ?? [];
};

const afterRow = (channelsPerGroup: number, simulated: Estimate) => ({
  channelsPerGroup,
  simple: 1,
  formula: null,
  simulated,
  measured: simulated,
});

describe("groupsClaims", () => {
  it("looks at numbers of groups in the formula's range whose gain has a variance, and says what it left", () => {
    const far = { ratio: around(2, 0.01) };
    const curve = (by: "simulation" | "graph", rows: readonly GainRow[]) => ({
      network: "MLP",
      activation: "relu",
      by,
      setup: "",
      rows,
    });
    const rows = [gain(1), gain(64, { ...far, hasVariance: false }), gain(128, { ...far, isInRange: false })];
    const informed = rows.map((row) => ({ ...row, ratioInformed: around(1.2, 0.1) }));
    const found = findingsOf("closed-form", {
      gains: [curve("simulation", rows), curve("graph", informed), curve("simulation", [gain(1, far)])],
    });
    expect(found.map(({ subject, verdict }) => [subject, verdict])).toEqual([
      ["MLP with ReLU, simulated", "holds"],
      ["MLP with ReLU, on graphs", "does not hold"],
      ["MLP with ReLU, on graphs, from sizes alone", "holds"],
      ["MLP with ReLU, simulated", "does not hold"],
    ]);
    expect(found[0]?.measured).toMatch(/ratios of 1, .*without a variance: G = 64 \(2 /);
  });

  it.each([
    [around(1, 0.01), around(3, 1), "holds"],
    [around(2, 0.1), around(3, 1), "does not hold"],
    [around(2, 0.1), around(1.1, 0.2), "undecided"],
  ])("finds gains of %j and %j at six and seven channels isometric: %s", (six, seven, verdict) => {
    const rows = [afterRow(6, six), afterRow(7, seven), afterRow(84, around(1.5, 0.1))];
    const [found] = findingsOf("after-activation", { after: { ...EMPTY.after, rows } });
    expect(found).toMatchObject({ verdict });
    expect(found?.measured).toContain("at m = 7");
  });

  it("takes an architecture's first layer, which reads pictures, for none that tells", () => {
    const ideal = (groups: number) => ({ groups, gain: 1, measured: [] });
    const layer = (norm: number, variance: number) => ({
      name: "l",
      sizes: "",
      channels: 64,
      ideals: { norm: ideal(norm), variance: ideal(variance) },
    });
    const architectures = [{ name: "MLP", layers: [layer(64, 1), layer(1, 1), layer(1, 32)] }];
    expect(findingsOf("architecture", { architectures }).map(({ verdict }) => verdict)).toEqual([
      "does not hold",
      "holds",
    ]);
  });

  it("compares the spread of lengths over networks, by both conventions where widths differ", () => {
    const profile = (choice: string, logLengths: (number | null)[], factor = 0) => ({
      choice,
      groups: [1, 1],
      logLengths,
      logPerElement: logLengths.map((v, i) => (v === null ? null : v - factor * i)),
    });
    const networks = (factor: number) =>
      Array.from({ length: 8 }, (_, k) => [
        profile("advised by norm", [0, 0.1 + k / 100], factor),
        profile("advised by variance", [0, 2], factor),
        profile("G = 32", [0, 1], factor),
        profile("G = C", [null, 1], factor),
      ]);
    const even = { profiles: [{ network: "net", networks: networks(0) }] };
    expect(findingsOf("isometry, G = 32", even)).toMatchObject([{ subject: "net", verdict: "holds" }]);
    expect(findingsOf("isometry, G = C", even)).toMatchObject([{ verdict: "holds" }]);
    const uneven = { profiles: [{ network: "net", networks: networks(2) }] };
    expect(findingsOf("isometry, G = 32", uneven)).toMatchObject([
      { subject: "net by norm", verdict: "holds" },
      { subject: "net by variance", verdict: "holds" },
    ]);
  });

  const run = (choice: string, seed: number, more: Partial<GroupTraining> = {}): GroupTraining => ({
    network: "net",
    choice,
    groups: [choice.length],
    seed,
    epochs: 4,
    isDiverged: false,
    accuracy: 0.5,
    losses: [1, 0.5],
    distance: 1,
    distanceByVariance: 1,
    ...more,
  });
  const findingOf = (id: string, trainings: readonly GroupTraining[]) => findingsOf(id, { trainings });
  const verdicts = (id: string, trainings: readonly GroupTraining[]) =>
    findingOf(id, trainings).map(({ verdict }) => verdict);

  it("waits for trainings, and compares them in pairs", () => {
    for (const id of ["advised-trains", "advised-faster", "accuracy-gain", "speed-gain", "convention"])
      expect(new Set(verdicts(id, []))).toEqual(new Set(["not measured yet: needs training"]));
    const runs = Array.from({ length: 6 }, (_, seed) => [
      run("advised by norm", seed, { accuracy: 0.8 + seed / 1000, losses: [0.9 - seed / 1000] }),
      run("G = 32", seed, { accuracy: 0.7, losses: [1] }),
      run("advised by variance", seed, { accuracy: 0.9, losses: [0.7] }),
    ]).flat();
    expect(verdicts("advised-trains", runs)[1]).toBe("holds");
    expect(verdicts("advised-faster", runs)[1]).toBe("holds");
    expect(verdicts("convention", runs)).toEqual(["does not hold", "does not hold"]);
    const worse = runs.map((r) => ({
      ...r,
      accuracy: 1 - r.accuracy,
      losses: r.losses.map((loss) => 2 - loss),
    }));
    expect(verdicts("advised-trains", worse)[1]).toBe("does not hold");
    expect(verdicts("advised-faster", worse)[1]).toBe("does not hold");
    expect(verdicts("convention", worse)).toEqual(["holds", "holds"]);
  });

  it("cannot decide on five seeds, and takes a diverged training for chance without a loss", () => {
    const runs = Array.from({ length: 6 }, (_, seed) => [
      run("advised by norm", seed, { accuracy: 0.8 + seed / 1000 }),
      run("G = C", seed, { accuracy: 0.1, isDiverged: true, losses: [] }),
    ]).flat();
    expect(verdicts("advised-trains", runs)[3]).toBe("holds");
    expect(verdicts("advised-faster", runs)[3]).toBe("not measured yet: needs training");
    const five = runs.filter(({ seed }) => seed < 5);
    expect(verdicts("advised-trains", five)[3]).toBe("undecided");
  });

  it("ranks choices by the gains of their layers, each choice once, and one without gradient last", () => {
    const choices = ["a", "ab", "abc", "abcd", "abcde"].flatMap((choice, i) =>
      [0, 1].map((seed) =>
        run(choice, seed, {
          accuracy: 0.9 - i / 10 + seed / 100,
          losses: [0.5 + i / 10],
          distance: i === 4 ? null : i,
          distanceByVariance: i === 4 ? null : i,
        }),
      ),
    );
    // another name for the same groups
    const runs = [...choices, ...choices.slice(0, 2).map((r) => ({ ...r, choice: "same as a" }))];
    // of 5! orders only this one and its reverse are as far from none
    expect(findingOf("accuracy-gain", runs)).toMatchObject([{ subject: "net", verdict: "holds" }]);
    expect(findingOf("accuracy-gain", runs)[0]?.measured).toContain("p 0.0167, 5 choices");
    expect(verdicts("speed-gain", runs)).toEqual(["holds"]);
    const reversed = runs.map((r) => ({ ...r, accuracy: 1 - r.accuracy, losses: [1 - (r.losses[0] ?? 0)] }));
    expect(verdicts("accuracy-gain", reversed)).toEqual(["does not hold"]);
    expect(verdicts("speed-gain", reversed)).toEqual(["does not hold"]);
    const uneven = runs.map((r) => ({ ...r, distanceByVariance: 2 - (r.distance ?? 0) }));
    expect(findingOf("accuracy-gain", uneven).map(({ subject }) => subject)).toEqual([
      "net, by norm",
      "net, by variance",
    ]);
  });
});
