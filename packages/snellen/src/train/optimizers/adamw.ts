// AdamW (Loshchilov & Hutter 2019): steps by the first moment of the gradient over the root of the second, decay apart from both.
import type { Optimizer } from "./optimizer.ts";

/** Against division by nothing, as PyTorch's. */
const EPSILON = 1e-8;

export const adamw: Optimizer = {
  id: "adamw",
  title: "steps scaled by the gradient's own size, decay apart",
  slots: ["mean", "square"],
  defaults: { momentum: 0.9, secondMoment: 0.999, rate: 1e-3, decay: 0.05 },
  // moments start at zero, which these take out
  rates: ({ momentum, secondMoment }, step) => ({
    meanCorrection: 1 / (1 - momentum ** step),
    rootCorrection: 1 / Math.sqrt(1 - secondMoment ** step),
  }),
  update(b, { momentum, secondMoment }, { weights, gradient, slots, rate, given, decay }) {
    const [mean, square] = slots as [string, string];
    const blend = (old: string, now: string, keep: number): string =>
      b.op("Add", [b.op("Mul", [old, b.scalar(keep)]), b.op("Mul", [now, b.scalar(1 - keep)])]);
    const nextMean = blend(mean, gradient, momentum);
    const nextSquare = blend(square, b.op("Mul", [gradient, gradient]), secondMoment);
    const root = b.op("Mul", [b.op("Sqrt", [nextSquare]), given("rootCorrection")]);
    const scaled = b.op("Mul", [nextMean, b.op("Mul", [rate, given("meanCorrection")])]);
    const step = b.op("Div", [scaled, b.op("Add", [root, b.scalar(EPSILON)])]);
    const kept =
      decay === 0
        ? weights
        : b.op("Sub", [weights, b.op("Mul", [weights, b.op("Mul", [rate, b.scalar(decay)])])]);
    return { weights: b.op("Sub", [kept, step]), slots: [nextMean, nextSquare] };
  },
};
