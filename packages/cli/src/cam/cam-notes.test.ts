// Oracle: sentences written by hand.
import { expect, it } from "vitest";
import { mergedNotes } from "./cam-notes.ts";

const share = (percent: number) => `${percent} % of the score has no position at this layer`;

it("tells each note once a method, and numbers that differ as their range", () => {
  const entries = [
    { method: "extended-cam", notes: [share(63), "wide kernels of 3x3"] },
    { method: "grad-cam", notes: ["wide kernels of 3x3"] },
    { method: "extended-cam", notes: [share(-31.5), "wide kernels of 3x3"] },
    { method: "extended-cam", notes: [share(100)] },
  ];
  expect(mergedNotes(entries)).toEqual([
    { method: "extended-cam", note: "-31.5 to 100 % of the score has no position at this layer" },
    { method: "extended-cam", note: "wide kernels of 3x3" },
    { method: "grad-cam", note: "wide kernels of 3x3" },
  ]);
  expect(mergedNotes([{ method: "cam", notes: [] }])).toEqual([]);
});
