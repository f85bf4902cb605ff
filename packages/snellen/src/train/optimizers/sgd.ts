// Stochastic gradient descent with momentum, as PyTorch defines it: v ← μv + g + λw, w ← w − ηv; Nesterov: w ← w − η(g + λw + μv).
// Sutskever et al. 2013; decay is coupled, part of the gradient.
import type { GraphBuilder } from "@snellen/graph";
import {
  type Optimizer,
  type OptimizerSettings,
  plusScaled,
  type Update,
  type Updated,
} from "./optimizer.ts";

const DEFAULTS = { momentum: 0.9, secondMoment: 0, rate: 0.1, decay: 5e-4 };

const step = (isNesterov: boolean) =>
  function update(b: GraphBuilder, { momentum }: OptimizerSettings, given: Update): Updated {
    const { weights, gradient, slots, rate, decay } = given;
    const total = plusScaled(b, gradient, decay, weights);
    const velocity = plusScaled(b, total, momentum, slots[0] as string);
    const direction = isNesterov ? plusScaled(b, total, momentum, velocity) : velocity;
    return { weights: b.op("Sub", [weights, b.op("Mul", [direction, rate])]), slots: [velocity] };
  };

export const sgd: Optimizer = {
  id: "sgd",
  title: "gradient descent with momentum",
  slots: ["momentum"],
  defaults: DEFAULTS,
  rates: () => ({}),
  update: step(false),
};

export const nesterov: Optimizer = {
  id: "nesterov",
  title: "gradient descent with Nesterov's momentum",
  slots: ["momentum"],
  defaults: DEFAULTS,
  rates: () => ({}),
  update: step(true),
};
