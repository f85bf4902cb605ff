// From the ends that a γ's scale reaches to its category, whether to decay it, and the sentence that says why.
// Kim et al., arXiv:2205.07260; the order in which ends decide is derived here.
import { describeNode } from "@snellen/graph";
import type { Flow } from "../flow.ts";
import type { ResidualAdd } from "../residual-adds.ts";
import type { LayerScale } from "./layer-scales.ts";
import type { End, Reach } from "./reach.ts";
import { describeReason, isExact, type Reason, reasonsOf, type Scaled } from "./scale/scaled.ts";

/**
 * `branch-last`: it sets the size of a residual branch; `shortcut`: of the identity signal; `scale-invariant`: a normalization
 * behind it takes its size off; `terminal`: of what leaves the network, or of the argument of a Softmax.
 */
export type GammaCategory = "branch-last" | "shortcut" | "scale-invariant" | "terminal";

/** Whether L2 regularization of γ is desirable: the paper's guidelines. */
export const DECAYS: Readonly<Record<GammaCategory, boolean>> = {
  "branch-last": true,
  shortcut: false,
  "scale-invariant": true,
  terminal: false,
};

export interface Judgement {
  readonly category: GammaCategory;
  readonly decay: boolean;
  /** One sentence without a full stop. */
  readonly reason: string;
  /** Of `scale-invariant`: only nearly so, for an operator on the way is not homogeneous. */
  readonly isNearly: boolean;
  /** Of `shortcut`: it starts the residual stream, rather than lying on a projection shortcut. */
  readonly isStream: boolean;
  /**
   * The residual Add of which it is both sides at once, the identity signal and the branch's input: only a measurement tells
   * whether the normalization behind takes its scale off.
   */
  readonly open: ResidualAdd | undefined;
  /** Of `branch-last` and `shortcut`: the residual Add that it reaches. */
  readonly residual: ResidualAdd | undefined;
  /** Of `terminal`: it acts through a bounded function alone. */
  readonly isBounded: boolean;
}

interface Subject {
  readonly output: string;
  readonly layerScale: LayerScale | undefined;
}

const judged = (category: GammaCategory, reason: string, flags: Partial<Judgement> = {}): Judgement => ({
  category,
  decay: DECAYS[category],
  reason,
  isNearly: false,
  isStream: false,
  open: undefined,
  residual: undefined,
  isBounded: false,
  ...flags,
});

const isFree = ({ state }: End): boolean => state.bounded === undefined;
const isSide =
  (kind: "branch" | "skip") =>
  (end: End): end is Extract<End, { residual: ResidualAdd }> =>
    end.kind === kind;
const isOutput = (end: End): end is Extract<End, { kind: "output" }> => end.kind === "output";

/** In this order: a branch's end, the skip, the network's end, a bounded function; else every way is normalized. */
export function judgeReach(flow: Flow, reach: Reach, subject: Subject): Judgement {
  if (subject.layerScale !== undefined) return layerScaleJudgement(subject.layerScale);
  const free = reach.ends.filter(isFree);
  const [branch] = free.filter(isSide("branch"));
  const [skip] = free.filter(isSide("skip"));
  const [output] = free.filter(isOutput);
  const [bounded] = reach.ends.filter((end) => !isFree(end));
  if (branch !== undefined) {
    const add = describeNode(branch.residual.node);
    const also =
      skip === undefined ? "" : `; it also reaches ${describeNode(skip.residual.node)} on the skip side`;
    return judged(
      "branch-last",
      `its output reaches ${add} on the branch without another normalization${also}${alsoOut(output)}`,
      { residual: branch.residual },
    );
  }
  if (skip !== undefined) return skipJudgement(flow, skip.residual, subject, output);
  if (output !== undefined) {
    const also = free.some(({ kind }) => kind === "normalized") ? "; on another way it is normalized" : "";
    return judged(
      "terminal",
      `its output reaches the network's end "${output.value}" without another normalization${also}`,
    );
  }
  if (free.length > 0) return invariantJudgement(reach, free);
  if (bounded !== undefined) return judged("terminal", boundedReason(bounded.state), { isBounded: true });
  return judged("terminal", "where its output ends was not found");
}

const alsoOut = (output: { readonly value: string } | undefined): string =>
  output === undefined ? "" : `; it also reaches the network's end "${output.value}"`;

const layerScaleJudgement = ({ residual }: LayerScale): Judgement =>
  judged(
    "branch-last",
    `a layer scale: it multiplies the branch of ${describeNode(residual.node)} channel by channel, right before the sum`,
    { residual },
  );

function skipJudgement(
  flow: Flow,
  residual: ResidualAdd,
  { output }: Subject,
  end: { readonly value: string } | undefined,
): Judgement {
  const add = describeNode(residual.node);
  const producer = flow.index.producer(output);
  const isProjection = producer !== undefined && residual.skipOnly.has(producer);
  const reason = isProjection
    ? `it lies on the projection shortcut that feeds ${add}`
    : `its output becomes the residual stream: it reaches ${add} on the skip side without another normalization`;
  return judged("shortcut", `${reason}${alsoOut(end)}`, { isStream: !isProjection, residual });
}

function boundedReason({ bounded }: Scaled): string {
  const by = bounded === undefined ? "a bounded function" : describeNode(bounded);
  const effect = bounded?.opType === "Softmax" ? "how sharp the attention is" : "how far a gate opens";
  return `it acts through ${by} alone, where it sets ${effect}`;
}

function invariantJudgement({ ends, joins }: Reach, free: readonly End[]): Judgement {
  const reasons = reasonsOf(ends.map(({ state }) => state));
  const isNearly = !ends.every(({ state }) => isExact(state));
  const [join] = joins;
  const behind = normalizersOf(free);
  if (join !== undefined && isNearly) {
    const add = describeNode(join.node);
    const reason = `its output is both sides of ${add}, the identity signal and the branch's input, and ${behind} follows`;
    return judged("scale-invariant", `${reason}: whether its size matters is for a measurement to say`, {
      isNearly,
      open: join,
    });
  }
  const how = isNearly ? `; nearly, for it passes ${listOf(reasons)}` : "";
  return judged("scale-invariant", `every way from it ends in a normalization (${behind})${how}`, {
    isNearly,
  });
}

const LISTED = 3;

function listOf(reasons: readonly Reason[]): string {
  const texts = reasons.slice(0, LISTED).map(describeReason);
  const more = reasons.length - texts.length;
  return more > 0 ? `${texts.join(", ")} and ${more} more` : texts.join(", ");
}

/** The normalizations behind, by name where they are few. */
function normalizersOf(ends: readonly End[]): string {
  const nodes = [...new Set(ends.flatMap((end) => (end.kind === "normalized" ? [end.node] : [])))];
  const named = nodes.slice(0, 2).map(describeNode);
  return nodes.length > 2 ? `${named[0]} and ${nodes.length - 1} more` : named.join(" and ");
}
