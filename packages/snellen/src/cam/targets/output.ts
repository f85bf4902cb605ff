// Any number that the network computes: an element of another output (a regression, a box, an embedding), or of any value.
import { BATCH, closest, dimsOf, elementCount, isFloating, makeTensor, UsageError } from "@snellen/graph";
import { asFloat } from "../../vision-model/as-float.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { scoreOf } from "./class-reference.ts";
import {
  type BoundTarget,
  badTarget,
  NO_CLASS,
  type ParseTarget,
  type TargetKind,
  unreached,
} from "./target.ts";

const PREFIX = "output:";

export const outputFacts = {
  id: "output",
  syntax: `${PREFIX}<name>[i,j,…]`,
  summary: "an element of an output, or of any value, behind the batch; negative indices count from the end",
} as const;

/** @param dims behind the batch */
function outputKind(
  value: string,
  dims: readonly number[],
  { isScores, isPlain }: { readonly isScores: boolean; readonly isPlain: boolean },
): TargetKind {
  return {
    ...outputFacts,
    key: value,
    values: [value],
    isClassScore: isScores && isPlain,
    hasPlace: dims.length > 1,
    inputs: [{ name: "position", dataType: "int64", dims: [] }],
    build({ b }, [wanted]) {
      const position = wanted as string;
      const flat = b.op("Reshape", [value, b.ints([b.dims(value)[0] as number, elementCount(dims)])]);
      const row = asFloat(b, flat);
      const int = (number: number) => b.tensor(makeTensor("int64", [], [number]));
      const none = b.op("Add", [b.op("Mul", [position, int(0)]), int(NO_CLASS)]);
      return { index: isScores ? position : none, score: scoreOf(b, row, position) };
    },
    zeroCause: (score) =>
      score === 0
        ? `the value is 0, as behind a ReLU or a clip at its limit, or ${unreached("it")}`
        : unreached("this value"),
  };
}

/**
 * An element of an output, or of any floating value that the network computes.
 * @param value its name in the graph, first axis the batch
 * @param indices behind the batch, negative ones from the end; none for a value of one element a picture
 * @throws UsageError `unknown-value`, `unexplainable-value`, `bad-target`, `target-out-of-range`
 */
export function outputTarget(
  info: DescribedModel,
  value: string,
  indices: readonly number[] = [],
): BoundTarget {
  const dims = dimsBehindBatch(info, value);
  const name = `${PREFIX}${value}${indices.length === 0 ? "" : `[${indices.join(",")}]`}`;
  const isScores = dims.length <= 1 && [info.logits.value, info.logits.output].includes(value);
  const position = positionOf(name, value, dims, indices);
  const isPlain = value === info.logits.value;
  return { kind: outputKind(value, dims, { isScores, isPlain }), name, feed: () => [[position]] };
}

function dimsBehindBatch(info: DescribedModel, value: string): readonly number[] {
  const { shapes } = info;
  const { graph } = info.model;
  const outputs = graph.outputs.map(({ name }) => name);
  const isComputed = graph.nodes.some((node) => node.outputs.includes(value));
  if (!isComputed) {
    const near = closest(value, [...outputs, ...graph.nodes.flatMap((node) => node.outputs)]);
    throw new UsageError("unknown-value", `the network computes no value "${value}".`, {
      where: "--target",
      hint: `Did you mean "${near}"? Its outputs: ${outputs.join(", ")}.`,
    });
  }
  const why = whyNot(info, value);
  if (why === undefined) return dimsOf(shapes, value)?.slice(1) ?? [];
  throw new UsageError("unexplainable-value", `"${value}" cannot be explained: ${why}.`, {
    where: "--target",
    hint: `Name a value of floating-point numbers with one row a picture. Outputs: ${outputs.join(", ")}.`,
  });
}

function whyNot({ shapes }: DescribedModel, value: string): string | undefined {
  const [type, dims] = [shapes.probes[0]?.get(value), dimsOf(shapes, value)];
  if (type === undefined || dims === undefined)
    return "how many elements it has is known only when it is computed";
  if (!isFloating(type.dataType)) return `it holds ${type.dataType}, which has no gradient`;
  if (shapes.probes.some((probe, i) => probe.get(value)?.dims[0] !== shapes.batches[i]))
    return `its first axis is not the batch ([${type.dims.join(", ")}])`;
  return dims.slice(1).includes(BATCH) ? "more than one of its axes follows the batch" : undefined;
}

/** Row-major position of an element. */
function positionOf(
  name: string,
  value: string,
  dims: readonly number[],
  indices: readonly number[],
): number {
  if (indices.length === 0 && elementCount(dims) === 1) return 0;
  const example = `${PREFIX}${value}[${dims.map((d) => d - 1).join(",")}] for its last element`;
  if (indices.length !== dims.length || !indices.every(Number.isInteger)) {
    const what = `"${value}" is [${["N", ...dims].join(", ")}], so that an element needs ${dims.length} indices`;
    throw badTarget(name, what, example);
  }
  return indices.reduce((position, index, axis) => {
    const size = dims[axis] as number;
    if (index < -size || index >= size) {
      throw new UsageError("target-out-of-range", `"${name}": index ${index} does not exist.`, {
        where: "--target",
        hint: `Axis ${axis + 1} of "${value}" goes from 0 to ${size - 1}. Write ${example}.`,
      });
    }
    return position * size + (index < 0 ? index + size : index);
  }, 0);
}

export const parseOutput: ParseTarget = (text, info) => {
  if (!text.startsWith(PREFIX)) return undefined;
  const rest = text.slice(PREFIX.length).trim();
  const isWhole = info.shapes.probes[0]?.has(rest) === true;
  const [, value = rest, indices] = (isWhole ? null : /^(.+)\[([^[\]]*)\]$/.exec(rest)) ?? [];
  if (value === "") throw badTarget(text, "names no value", `${PREFIX}${info.logits.output}[0]`);
  if (indices === undefined) return [outputTarget(info, value)];
  const numbers = indices.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (numbers.every(Number.isInteger)) return [outputTarget(info, value, numbers)];
  throw badTarget(text, "expected whole numbers between commas as indices", `${PREFIX}${value}[0]`);
};
