// Oracle: a list of two.
import { expect, it } from "vitest";
import { findById } from "./find-by-id.ts";

const fruits = [{ id: "apple" }, { id: "pear" }];
const error = { code: "unknown-fruit", what: "fruit", flag: "--fruit" };

it("finds the entry of an id, or names the nearest", () => {
  expect(findById(fruits, "pear", error)).toBe(fruits[1]);
  expect(() => findById(fruits, "aple", error)).toThrow(
    expect.objectContaining({
      code: "unknown-fruit",
      message: expect.stringMatching(
        /--fruit.*no fruit "aple"\. Did you mean "apple"\? Known: apple, pear\./s,
      ),
    }),
  );
});
