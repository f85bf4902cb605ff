// The examined model beside those that are examined with it: what the same corrupted pictures, and the same contrast enhancement, take
// from each. Whose report asks first runs the models; the others' reports take what is there.
import { SCALE_FACTORS } from "../../patch-embedding/scale-families.ts";
import {
  type LossKind,
  lossDifference,
  lossKind,
  lossSeries,
  meanLoss,
} from "../../robustness/figures/losses.ts";
import type {
  GatherContext,
  Maker,
  NoAnswer,
  PairedLoss,
  PairedLosses,
  Rivalry,
  Rivals,
} from "../artifacts.ts";
import { factorKey } from "../robustness/contrast-outcomes.ts";
import type { Alteration, Examinee, Outcomes } from "../robustness/exam-group.ts";
import { corruptedKeys, FAST_CORRUPTIONS } from "../robustness/fast-subset.ts";
import { networkKind } from "../robustness/network-kind.ts";
import { outcomesOf, ownExaminee } from "../robustness/outcomes.ts";

export const rivals: Maker<"rivals", "predictions"> = {
  id: "rivals",
  needs: ["predictions"],
  async make(_, context): Promise<Rivals | NoAnswer> {
    const own = ownExaminee(context);
    const others = (context.group?.members ?? []).filter(({ model }) => model !== own.model);
    if (others.length === 0) return { reason: "No other model was examined with this one." };
    const rivalries: Rivalry[] = [];
    for (const other of others)
      rivalries.push({
        rival: contender(other),
        corruptions: await compared("corruptions", own, other, context),
        contrast: await compared("contrast", own, other, context),
      });
    return { own: contender(own), rivalries };
  },
};

const contender = ({ name, model }: Examinee) => ({ name, kind: networkKind(model.info) });

/** What is done to pictures: a name for it, and the texts of its conditions. */
type Parts = readonly { readonly name: string; readonly keys: readonly string[] }[];

const PARTS: Readonly<Record<Alteration, Parts>> = {
  corruptions: FAST_CORRUPTIONS.map((id) => ({ name: id, keys: corruptedKeys([id]) })),
  contrast: SCALE_FACTORS.filter((factor) => factor !== 1).map((factor) => ({
    name: String(factor),
    keys: [factorKey(factor)],
  })),
};

async function compared(
  alteration: Alteration,
  own: Examinee,
  other: Examinee,
  context: GatherContext,
): Promise<PairedLosses | NoAnswer> {
  const first = await outcomesOf(own, alteration, context);
  if ("reason" in first) return first;
  const second = await outcomesOf(other, alteration, context);
  if ("reason" in second) return { reason: `${other.name}: ${second.reason}` };
  const parts = PARTS[alteration];
  const isLabelled = [first, second].every(
    ({ subject, observations }) => lossKind(observations, subject.name) === "accuracy",
  );
  const of: LossKind = isLabelled ? "accuracy" : "agreement";
  const pair = (keys: readonly string[]) => pairedLoss(first, second, keys, of);
  return {
    of,
    mean: pair(parts.flatMap(({ keys }) => keys)),
    each: parts.map(({ name, keys }) => ({ name, ...pair(keys) })),
  };
}

function pairedLoss(first: Outcomes, second: Outcomes, keys: readonly string[], of: LossKind): PairedLoss {
  const series = ({ subject, observations }: Outcomes) => lossSeries(observations, subject.name, keys, of);
  const [a, b] = [series(first), series(second)];
  /** Without the images that the other one lacks. */
  const shared = (series: Float64Array, other: Float64Array) =>
    meanLoss(
      series.map((loss, image) => (Number.isNaN(other[image]) ? Number.NaN : loss)),
      of,
    );
  return { own: shared(a, b), rival: shared(b, a), difference: lossDifference(a, b, of) };
}
