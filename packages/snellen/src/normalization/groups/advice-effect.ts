// Whether a network as a whole is nearer to isometry with all advised groups at once. A layer's ideal is found with every other
// layer as it is, and for a batch normalization among numbers of groups alone: neither promises that. Derived here.
import { sentenceCase } from "../../sentence-case.ts";
import type { GroupAdvice } from "./advise-groups.ts";

/** What following the advice does to the network that it is for. */
export interface AdviceEffect {
  /** Layers that it changes. */
  readonly changed: number;
  /** The whole network comes nearer to isometry, and its layers do not move away from it. */
  readonly helps: boolean;
  /** Some sentences: how many layers it changes, and what becomes of the gradient. */
  readonly text: string;
}

/** By natural logarithm; measured again with other gradients, both distances differ by a few hundredths. */
const ALIKE = 0.05;

export function adviceEffect({ layers, profile }: Pick<GroupAdvice, "layers" | "profile">): AdviceEffect {
  const changed = layers.filter(({ advised, groups }) => advised !== null && advised !== groups);
  if (changed.length === 0)
    return { changed: 0, helps: false, text: "Every layer has the advised number of groups." };
  const spread = (name: string) => profile.curves.find((curve) => curve.name === name)?.spread ?? null;
  const alone = comparison(
    meanDistance(changed.map(({ gainNow }) => gainNow)),
    meanDistance(changed.map(({ gainThen }) => gainThen)),
  );
  const whole = comparison(spread("as it is"), spread("advised"));
  const helps = alone?.change !== "worse" && (whole ?? alone)?.change === "better";
  const found = [
    ...(alone === undefined ? [] : [`${ALONE[alone.change]} (off by ${alone.factors})`]),
    ...(whole === undefined ? [] : [`${WHOLE[whole.change]} (it differs by ${whole.factors})`]),
  ].join("; ");
  const changes = `the advice changes ${changed.length} of ${layers.length} layers`;
  if (found === "")
    return { changed: changed.length, helps, text: `${sentenceCase(changes)}; no gain tells what for.` };
  const text = helps
    ? `${sentenceCase(changes)}: ${found}.`
    : `Leave the network as it is: ${changes}, which does not help it as a whole. ${sentenceCase(found)}.`;
  return { changed: changed.length, helps, text };
}

type Change = "better" | "worse" | "alike";

const ALONE: { readonly [C in Change]: string } = {
  better: "changed one by one, their gains come nearer to 1",
  worse: "changed one by one, their gains move away from 1",
  alike: "changed one by one, their gains stay as far from 1",
};

const WHOLE: { readonly [C in Change]: string } = {
  better: "with all changed at once, the gradient's length becomes more even from layer to layer",
  worse: "with all changed at once, the gradient's length becomes less even from layer to layer",
  alike: "with all changed at once, the gradient's length stays as uneven from layer to layer",
};

/** Of two distances from isometry by natural logarithm; undefined where one is not known. */
function comparison(
  now: number | null,
  then: number | null,
): { readonly change: Change; readonly factors: string } | undefined {
  if (now === null || then === null) return undefined;
  const change = then < now - ALIKE ? "better" : then > now + ALIKE ? "worse" : "alike";
  const factor = (distance: number) => Math.exp(distance).toPrecision(3);
  return { change, factors: `a factor of ${factor(then)} on average, ${factor(now)} now` };
}

/** Mean |ln gain|; null where one is not known. */
const meanDistance = (gains: readonly (number | null)[]): number | null =>
  gains.every((gain) => gain !== null && gain > 0)
    ? gains.reduce<number>((sum, gain) => sum + Math.abs(Math.log(gain as number)), 0) / gains.length
    : null;
