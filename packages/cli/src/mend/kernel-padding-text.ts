// `snellen fix kernel-padding` for people: what became of each kernel, what was left, and how far the outputs are apart.
import type { KernelChange } from "snellen";
import { tableText } from "../tables.ts";
import type { KernelPaddingReport } from "./fix-kernel-padding.ts";

export function kernelPaddingText({ files, changes, left, check }: KernelPaddingReport): string {
  const found =
    changes.length === 0
      ? ["No convolution with an odd kernel and an even stride; nothing was written."]
      : [changesTable(changes)];
  return [...found, ...leftLines(left), ...checkLines(check), ...writtenLines(files)].join("\n");
}

const changesTable = (changes: readonly KernelChange[]): string =>
  tableText(
    ["node", "weight", "kernel", "stride", "pads"],
    changes.map(({ node, operator, weight, copied, kernel, strides, pads }) => [
      shortened(node),
      weight === null ? operator : `${shortened(weight)}${copied ? " (copy)" : ""}`,
      `${kernel.before.join("x")} → ${kernel.after.join("x")}`,
      strides.join("x"),
      String(pads.before) === String(pads.after) ? pads.after.join(",") : `${pads.before} → ${pads.after}`,
    ]),
  );

const MOST_CHARACTERS = 48;

const shortened = (name: string): string =>
  name.length <= MOST_CHARACTERS ? name : `${name.slice(0, MOST_CHARACTERS - 1)}…`;

/** Layers left for the same reason are one line. */
function leftLines(left: KernelPaddingReport["left"]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { node, operator, reason } of left)
    byReason.set(reason, [...(byReason.get(reason) ?? []), `${operator} ${shortened(node)}`]);
  return [...byReason].map(([reason, nodes]) => `left: ${nodes.join(", ")}: ${reason}`);
}

function checkLines(check: KernelPaddingReport["check"]): string[] {
  if (check === null) return [];
  const { images, input, maxRelativeDifference, poolingDifference, poolingProblem } = check;
  const on = input === "noise" ? "runs on seeded noise" : images === 1 ? "picture" : "pictures";
  const size = maxRelativeDifference === 0 ? "0" : maxRelativeDifference.toExponential(1);
  const enlarged = poolingProblem ?? poolingDifference?.toPrecision(2);
  const pooling = enlarged === undefined ? "" : `; with enlarged pooling ${enlarged}`;
  return [`outputs: largest difference ${size} of the largest output, ${images} ${on}${pooling}`];
}

const writtenLines = (files: readonly string[]): string[] =>
  files.length === 0 ? [] : [`written: ${files.join(", ")}`];
