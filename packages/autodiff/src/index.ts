// @snellen/autodiff: reverse-mode differentiation, ONNX in, ONNX out.
export { backpropagate } from "./backpropagate.ts";
export { type Differentiated, type DifferentiateOptions, differentiate } from "./differentiate.ts";
export { expandOnPath } from "./expand-on-path.ts";
export { homogeneousRule } from "./homogeneous.ts";
export type { Rule } from "./rule.ts";
export { ruleFor } from "./rules/index.ts";
