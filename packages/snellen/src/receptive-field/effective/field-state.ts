// Where an accumulation stands, as bytes: a line of JSON, then the sums as doubles, so that going on gives the same R bit by bit.
import * as z from "zod/mini";
import type { FieldSum } from "./field-sum.ts";
import type { FieldProgress } from "./run-fields.ts";

const VERSION = 2;

const count = z.int().check(z.nonnegative());
const side = z.int().check(z.positive());

const headSchema = z.object({
  version: z.literal(VERSION),
  settings: z.string(),
  position: count,
  skipped: z.array(z.object({ source: z.string(), reason: z.string() })),
  labelled: count,
  correct: count,
  sums: z.array(
    z.object({
      name: z.string(),
      dims: z.tuple([side, side]),
      n: count,
      batches: count,
      squares: z.number(),
      curve: z.array(z.object({ n: z.int(), relativeError: z.optional(z.number()) })),
    }),
  ),
});

/**
 * An accumulation under way as bytes, for `decodeProgress`: parts that belong one behind the other. The sums are kept bit by bit.
 * @param settings what must be equal for a run to go on from these bytes
 */
export function encodeProgress({ sums, ...progress }: FieldProgress, settings: string): Uint8Array[] {
  const head = { version: VERSION, settings, ...progress, sums: sums.map(({ values, ...sum }) => sum) };
  return [
    new TextEncoder().encode(`${JSON.stringify(head)}\n`),
    ...sums.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ];
}

/** Undefined where the bytes are no progress, cut off, or that of other settings. */
export function decodeProgress(bytes: Uint8Array, settings: string): FieldProgress | undefined {
  const end = bytes.indexOf(10);
  const head = headOf(bytes.subarray(0, Math.max(0, end)));
  if (head === undefined || head.settings !== settings) return undefined;
  let at = end + 1;
  const sums = head.sums.map((sum): FieldSum => {
    const length = sum.dims[0] * sum.dims[1];
    // a copy: Node's Buffer shares its memory with others, from any byte on
    const part = new Uint8Array(bytes.subarray(at, at + 8 * length));
    at += 8 * length;
    const values = part.byteLength === 8 * length ? new Float64Array(part.buffer) : new Float64Array(0);
    return {
      ...sum,
      values,
      curve: sum.curve.map(({ n, relativeError }) => ({ n, relativeError })),
    };
  });
  if (at !== bytes.byteLength) return undefined;
  const { position, skipped, labelled, correct } = head;
  return { sums, position, skipped, labelled, correct };
}

function headOf(line: Uint8Array): z.infer<typeof headSchema> | undefined {
  try {
    return headSchema.safeParse(JSON.parse(new TextDecoder().decode(line))).data;
  } catch {
    return undefined;
  }
}
