// Multilayer perceptron on flattened pictures, each hidden layer with a normalization before or behind its activation.
// Layers and normalizations as in the study of the number of groups, arXiv:2302.03193.
import { fanInUniform, initialWeights } from "./initial-weights.ts";
import { classCount, defineNetwork, startNetwork } from "./network.ts";
import { choice, counts, onlyWhere } from "./network-options.ts";
import { createNormalizer } from "./normalizer.ts";
import { activationOption, groupsOption, weightsOption } from "./shared-options.ts";

/** Multilayer perceptron on flattened pictures, each hidden layer with a normalization before or behind its activation. */
export const mlp = defineNetwork({
  id: "mlp",
  title: "Multilayer perceptron",
  options: {
    widths: counts([256, 256], "neurons of each hidden layer"),
    activation: activationOption,
    normalization: choice(["none", "bn", "gn", "ln"], "none", "batch, group or layer normalization, or none"),
    groups: groupsOption,
    position: onlyWhere(
      "normalization",
      ["bn", "gn", "ln"],
      choice(
        ["before-activation", "after-activation"],
        "before-activation",
        "where the normalization stands; right behind a layer it takes the bias' place",
      ),
    ),
    weights: weightsOption("he-fan-in"),
  },
  write(options, seed) {
    const { widths, activation, normalization, position } = options;
    const network = startNetwork(options, seed, { initial: initialWeights[options.weights] });
    const normalizer = createNormalizer(network, options);
    const isAfter = position === "after-activation";
    const bias = normalization !== "none" && !isAfter ? "none" : undefined;
    let x = network.b.op("Flatten", [network.image]);
    widths.forEach((width, i) => {
      const h = network.linear(`layers.${i}`, x, width, { bias });
      const normalized = (value: string) => normalizer.add(`norms.${i}`, value);
      const activated = (value: string) => network.activate(value, activation);
      x = isAfter ? normalized(activated(h)) : activated(normalized(h));
    });
    normalizer.check();
    return network.finish(network.linear("head", x, classCount(options), { initial: fanInUniform }));
  },
});
