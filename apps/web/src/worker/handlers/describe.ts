// Opens the same model anew with other options: preprocessing that was guessed wrong, another size, class names.
import type { DescribeOptions } from "snellen/web";
import type { Handler } from "../handler.ts";
import { type ModelFacts, modelFacts } from "../model-facts.ts";

export const describe: Handler<DescribeOptions, ModelFacts> = (options, { opened }) => {
  const { bytes, options: before } = opened.model();
  return modelFacts(opened.setModel(bytes, { ...before, ...options }));
};
