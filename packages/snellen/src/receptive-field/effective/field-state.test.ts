// Where a run stands, written and read. Oracle: what went in.
import { describe, expect, it } from "vitest";
import { decodeProgress, encodeProgress } from "./field-state.ts";
import { addBatch, emptySum } from "./field-sum.ts";

function progress() {
  const sums = [emptySum("layer ü", [2, 3]), emptySum("score", [1, 1])];
  for (const sum of sums) {
    addBatch(sum, [0.1, 1 / 3, 3e-300, 0, 5, 6], 2);
    addBatch(sum, [0.7, 1e9, 1, 0, 5, 6], 1);
  }
  const skipped = [{ source: "a.png", reason: "no picture" }];
  return { sums, position: 7, skipped, labelled: 2, correct: 1 };
}

const whole = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

describe("a run's progress", () => {
  it("comes back bit by bit", () => {
    const bytes = whole(encodeProgress(progress(), "settings"));
    expect(decodeProgress(bytes, "settings")).toEqual(progress());
    // a view that begins at an odd place of a larger buffer, as Node reads files
    const shared = Buffer.concat([Buffer.from([1]), bytes]).subarray(1);
    expect(decodeProgress(shared, "settings")).toEqual(progress());
  });

  it("is not that of other settings", () => {
    expect(decodeProgress(whole(encodeProgress(progress(), "a")), "b")).toBeUndefined();
  });

  it.each([0, 10, 300, -1])("is nothing where the bytes are cut off at %i", (end) => {
    const bytes = whole(encodeProgress(progress(), "a"));
    expect(decodeProgress(bytes.slice(0, end), "a")).toBeUndefined();
  });

  it("is nothing in other bytes", () => {
    expect(decodeProgress(new TextEncoder().encode('{"version":1}\nabc'), "a")).toBeUndefined();
    expect(decodeProgress(new TextEncoder().encode("hello\n"), "a")).toBeUndefined();
  });
});
