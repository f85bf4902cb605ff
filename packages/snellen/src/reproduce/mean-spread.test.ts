// Oracle: by hand.
import { expect, it } from "vitest";
import { meanSpread } from "./mean-spread.ts";

it.each([
  [[1, 2, 3], { digits: 1 }, "2.0 ± 1.0"],
  [[0.5], { digits: 0, scale: 100 }, "50"],
  [[], { digits: 1 }, null],
])("writes %j with %j as %s", (values, options, text) => {
  expect(meanSpread(values, options)).toBe(text);
});
