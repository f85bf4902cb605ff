// What altered pictures take from a model, with its differences from each model beside it, paired by image. Derived here.
import type { LossKind } from "../../robustness/figures/losses.ts";
import type { PairedLoss, Rivals } from "../artifacts.ts";
import { estimateFigure } from "../figure.ts";
import type { Figure } from "../result.ts";

const UNDER = { corruptions: "under corruptions", contrast: "under contrast enhancement" } as const;
const KINDS: readonly LossKind[] = ["accuracy", "agreement"];

/** Points lost under corruptions and under contrast enhancement; those of accuracy and of agreement are figures apart. */
export const pairedFigures = (rivals: Rivals): Figure[] =>
  (["corruptions", "contrast"] as const).flatMap((alteration) =>
    KINDS.flatMap((kind) => pairedFigure(rivals, alteration, kind)),
  );

interface PairWith extends PairedLoss {
  readonly from: string;
}

function pairedFigure({ own, rivalries }: Rivals, alteration: keyof typeof UNDER, kind: LossKind): Figure[] {
  const pairs = rivalries.flatMap(({ rival, [alteration]: losses }): PairWith[] =>
    "reason" in losses || losses.of !== kind ? [] : [{ from: rival.name, ...losses.mean }],
  );
  const [first] = pairs;
  if (first === undefined) return [];
  const head = {
    id: `${kind}-lost-${alteration}`,
    name: `${kind} lost ${UNDER[alteration]}`,
    unit: "points",
    better: "lower",
  } as const;
  const differences = pairs.flatMap(({ from, difference: { value, low, high, n } }) =>
    value === null
      ? []
      : [
          {
            from,
            value: 100 * value,
            interval: low === null || high === null ? null : ([100 * low, 100 * high] as [number, number]),
            images: n,
          },
        ],
  );
  return [{ ...estimateFigure(head, first.own, 100), paired: { model: own.name, differences } }];
}
