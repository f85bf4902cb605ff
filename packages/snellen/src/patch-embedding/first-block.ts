// From the sum with E_pos on to what the first block reads: tokens that join afterwards, new layouts, a normalization of all of it.
// Derived here.
import type { Node } from "@snellen/graph";
import type { Normalization } from "../normalization/normalization.ts";
import { contentReaders, type EmbeddingContext, laysOut } from "./embedding-context.ts";
import { joinedBy } from "./other-tokens.ts";
import type { EmbeddingValue, OtherTokens } from "./patch-embedding.ts";
import { valueAt } from "./projection.ts";

export interface FirstBlock {
  readonly z0: EmbeddingValue;
  /** Those that the sum had and those that joined on the way, in the order of z₀. */
  readonly others: readonly OtherTokens[];
  readonly normalizations: readonly Normalization[];
}

/**
 * Follows the sum as long as nothing but this way goes on from it.
 * @param early tokens that it has beside the patches
 */
export function firstBlockAfter(
  context: EmbeddingContext,
  sum: EmbeddingValue,
  early: readonly OtherTokens[],
): FirstBlock {
  let z0 = sum;
  let others = early;
  for (;;) {
    const concat = concatAfter(context, z0.name);
    const next = concat?.value ?? layoutAfter(context, z0.name);
    if (next === undefined) break;
    if (concat !== undefined) others = withTokens(others, concat.others, concat.isAround);
    z0 = next;
  }
  return { z0, others, normalizations: normalizationsOf(context, z0.name) };
}

/** @param isAround whether the new ones stand around the known ones, or between these and the patches */
export function withTokens(
  known: readonly OtherTokens[],
  added: readonly OtherTokens[],
  isAround: boolean,
): OtherTokens[] {
  const on = (tokens: readonly OtherTokens[], side: OtherTokens["place"]) =>
    tokens.filter((t) => t.place === side);
  const [outer, inner] = isAround ? [added, known] : [known, added];
  return [
    ...on(outer, "before-patches"),
    ...on(inner, "before-patches"),
    ...on(inner, "behind-patches"),
    ...on(outer, "behind-patches"),
  ];
}

/** Laid out anew, by the only node that reads it. */
function layoutAfter(context: EmbeddingContext, value: string): EmbeddingValue | undefined {
  const [reader, ...others] = contentReaders(context, value);
  if (reader === undefined || others.length > 0) return undefined;
  if (laysOut(reader)) return untilLaidOut(context, reader.outputs[0] as string);
  return undefined;
}

/** A Reshape may leave no layout of its own and the Transpose behind it give one: looks as far as only such nodes follow. */
function untilLaidOut(context: EmbeddingContext, value: string): EmbeddingValue | undefined {
  return valueAt(context, value) ?? layoutAfter(context, value);
}

const TAKING_PARTS = /^(Slice|Split)$/;

interface Joined {
  readonly value: EmbeddingValue;
  readonly others: readonly OtherTokens[];
  readonly isAround: boolean;
}

/** The Concat that every way on from a value leads to, by layouts and slices alone. */
function concatAfter(context: EmbeddingContext, value: string): Joined | undefined {
  const ends = new Set<Node>();
  const seen = new Set([value]);
  for (const name of seen) {
    if (context.flow.index.isOutput(name)) return undefined;
    for (const reader of contentReaders(context, name)) {
      if (laysOut(reader) || TAKING_PARTS.test(reader.opType))
        for (const output of reader.outputs) seen.add(output);
      else ends.add(reader);
    }
  }
  const [end, ...more] = ends;
  const parts = end === undefined || more.length > 0 ? undefined : joinedBy(context, end);
  const found = end === undefined ? undefined : valueAt(context, end.outputs[0] as string);
  if (parts === undefined || found === undefined) return undefined;
  const others = parts.others.map((other) => ({ ...other, joined: "after-addition" as const }));
  // tokens that were cut off first are operands of their own
  const held = valueAt(context, parts.patches)?.layout;
  return { value: found, others, isAround: held !== undefined && held.prefix + held.suffix > 0 };
}

/** The normalization that alone reads a value; none where the value goes around it too, as in a block. */
function normalizationsOf(context: EmbeddingContext, value: string): Normalization[] {
  const { flow } = context;
  const found = flow.normalizations.find((n) => n.input === value);
  const isAlone =
    found !== undefined && contentReaders(context, value).every((node) => found.nodes.includes(node));
  return isAlone ? [found] : [];
}
