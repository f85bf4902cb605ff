// Guided backpropagation: the score's gradient by the pixels, with negative gradients dropped at every ReLU.
// Springenberg et al., "Striving for simplicity: the all convolutional net", ICLR 2015 workshop, section 3.4.
import { backpropagate, type Rule, ruleFor } from "@snellen/autodiff";
import { channelSum, ones, type PixelMethod } from "../method.ts";

/** The operator's own rule on the positive part of the gradient. */
const ofPositive: Rule = (context) => {
  const rule = ruleFor(context.node) as Rule;
  return rule({ ...context, dy: context.b.op("Relu", [context.dy]) });
};

const guided = ({ opType }: { readonly opType: string }): Rule | undefined =>
  opType === "Relu" ? ofPositive : undefined;

export const guidedBackprop: PixelMethod = {
  kind: "pixels",
  id: "guided-backprop",
  title: "Guided backpropagation",
  summary:
    "Gradient by the pixels through positive gradients only, summed over colours; sharp, but close to an edge detector.",
  paper: "Springenberg et al., 2015, arXiv:1412.6806",
  rectified: false,
  unit: "own",
  map({ b, score, input, asPicture }) {
    const seeds = new Map([[score, ones(b, score)]]);
    const [gradient] = backpropagate(b, seeds, [input], guided).values();
    return channelSum(b, asPicture(gradient as string));
  },
  caveat: ({ model }) =>
    model.graph.nodes.some((node) => node.opType === "Relu")
      ? undefined
      : "the network has no ReLU to guide: this is its plain input gradient",
};
