// What people are told of what was thrown. Oracle: the messages that browsers and ONNX Runtime are known to give.
import { InternalError, UsageError } from "@snellen/graph";
import { expect, it } from "vitest";
import { failureOf } from "./failure.ts";

it.each([
  new RangeError("Array buffer allocation failed"),
  new Error("std::bad_alloc"),
  new Error("Aborted(). RuntimeError: memory access out of bounds"),
  new Error("WebAssembly.Memory(): could not allocate memory: out of memory"),
])("tells %s from other faults", (error) => {
  const { code, hint, isOurs } = failureOf(error);
  expect([code, isOurs]).toEqual(["out-of-memory", false]);
  expect(hint).toContain("smaller model");
});

it("says in the page's words what flags of the command line mean", () => {
  const error = new UsageError("unknown-layer", "no such layer.", {
    where: "--layer",
    hint: "Did you mean --layer relu?",
  });
  expect(failureOf(error)).toEqual({
    code: "unknown-layer",
    what: "no such layer.",
    where: null,
    hint: "Choose another layer.",
    isOurs: false,
  });
  const other = new UsageError("x", "y.", { hint: "Give --shard 1/2." });
  expect(failureOf(other).hint).toBe("On the command line: Give --shard 1/2.");
});

it("takes the blame where it is ours, and none for a stop", () => {
  expect(failureOf(new InternalError("two and two are five")).isOurs).toBe(true);
  expect(failureOf(new TypeError("x is undefined"))).toMatchObject({ code: "internal", isOurs: true });
  expect(failureOf(new DOMException("aborted", "AbortError")).code).toBe("stopped");
});
