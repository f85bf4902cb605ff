// Damage done to files, and what a reader must hold under it: an error of ours or a model, never anything else.
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { SnellenError } from "../errors.ts";
import { externalTensors } from "../external-data.ts";
import { printGraph } from "../print.ts";
import { ModelSchema } from "../protobuf/schema.ts";
import { concat } from "../protobuf/tensors.ts";
import { parseModel, serializeByReference, serializeModel } from "../protobuf.ts";
import { tensorValues } from "../tensor.ts";

type Mutation = (bytes: Uint8Array<ArrayBuffer>, other: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

const join = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => concat(parts);

/** A place in a file of unknown length; uniform, where fast-check's doubles prefer the beginning. */
const place = fc.noBias(fc.nat(2 ** 20 - 1)).map((n) => n / 2 ** 20);
const short = fc.integer({ min: 1, max: 40 });
const at = (bytes: Uint8Array, where: number): number => Math.floor(where * bytes.length);

/** Bytes that mean something to a protobuf reader: long lengths, negative varints, tags of groups and of nothing. */
const TELLING = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0],
  [0x0b],
  [0x7f],
  [0x80],
];

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(
    ([where, bit]): Mutation =>
      (bytes) => {
        const flipped = bytes.slice();
        const i = at(bytes, where);
        if (i < flipped.length) flipped[i] = (flipped[i] as number) ^ (1 << bit);
        return flipped;
      },
  ),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 4 })).map(
    ([where, values]): Mutation =>
      (bytes) => {
        const i = at(bytes, where);
        return join(bytes.subarray(0, i), values, bytes.subarray(i + values.length));
      },
  ),
  place.map(
    (where): Mutation =>
      (bytes) =>
        bytes.slice(0, at(bytes, where)),
  ),
  fc.tuple(place, short).map(
    ([where, n]): Mutation =>
      (bytes) => {
        const i = at(bytes, where);
        return join(bytes.subarray(0, i), bytes.subarray(i + n));
      },
  ),
  fc.tuple(place, place, short).map(
    ([from, to, n]): Mutation =>
      (bytes, other) => {
        const [i, k] = [at(other, from), at(bytes, to)];
        return join(bytes.subarray(0, k), other.subarray(i, i + n), bytes.subarray(k));
      },
  ),
  fc.tuple(place, place).map(
    ([cut, from]): Mutation =>
      (bytes, other) =>
        join(bytes.subarray(0, at(bytes, cut)), other.subarray(at(other, from))),
  ),
  fc.tuple(place, fc.constantFrom(...TELLING)).map(
    ([where, telling]): Mutation =>
      (bytes) => {
        const i = at(bytes, where);
        return join(bytes.subarray(0, i), Uint8Array.from(telling), bytes.subarray(i + telling.length));
      },
  ),
);

/** Files made from two of `valid` by one to five mutations. */
export const damaged = (
  valid: fc.Arbitrary<Uint8Array<ArrayBuffer>>,
): fc.Arbitrary<Uint8Array<ArrayBuffer>> =>
  fc
    .tuple(valid, valid, fc.array(mutation, { minLength: 1, maxLength: 5 }))
    .map(([bytes, other, mutations]) => mutations.reduce((file, mutate) => mutate(file, other), bytes));

interface Slot {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** Every field and list item of a message, nested ones included; not the tag of a `oneof`, which is not in the file. */
function slotsOf(value: unknown, slots: Slot[] = []): Slot[] {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return slots;
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    if (key.startsWith("$") || key === "case") continue;
    slots.push({ holder, key });
    slotsOf(holder[key], slots);
  }
  return slots;
}

/** What a field may become: other values of its type, extreme ones among them, and lists of other lengths. */
function otherValue(value: unknown, how: number, texts: readonly string[]): unknown {
  const one = <T>(choices: readonly T[]): T => choices[how % choices.length] as T;
  if (typeof value === "bigint") return one([0n, 1n, -1n, 2n ** 31n, 2n ** 62n, -(2n ** 63n), value + 1n]);
  if (typeof value === "number") return one([0, 1, 7, 8, 22, 2 ** 31 - 1, Math.min(value + 1, 2 ** 31 - 1)]);
  if (typeof value === "string") return one(["", ...texts]);
  if (value instanceof Uint8Array) return one([value.subarray(1), new Uint8Array(), concat([value, value])]);
  if (Array.isArray(value)) return one([[], [...value, ...value], value.toReversed(), value.slice(1)]);
  return value;
}

/** Files whose framing is whole, but whose fields hold what was not meant for them. */
export const scrambled = (
  valid: fc.Arbitrary<Uint8Array<ArrayBuffer>>,
): fc.Arbitrary<Uint8Array<ArrayBuffer>> =>
  fc
    .tuple(valid, fc.array(fc.tuple(place, fc.nat(41)), { minLength: 1, maxLength: 4 }))
    .map(([bytes, changes]) => {
      const model = fromBinary(ModelSchema, bytes);
      for (const [where, how] of changes) {
        const slots = slotsOf(model);
        const slot = slots[Math.floor(where * slots.length)];
        if (slot === undefined) continue;
        const texts = slots.map((s) => s.holder[s.key]).filter((v) => typeof v === "string");
        slot.holder[slot.key] = otherValue(slot.holder[slot.key], how, texts);
      }
      return toBinary(ModelSchema, model);
    });

/**
 * Reads a file and, where that succeeds, does with the model what the package offers. Gives `read` or the error's code.
 * @throws anything that is no error for the user
 */
export function survive(file: Uint8Array): string {
  try {
    const model = parseModel(file);
    printGraph(model, { maxValues: 50 });
    externalTensors(model);
    serializeByReference(model, "user.onnx");
    parseModel(serializeModel(model));
    for (const tensor of model.graph.initializers.values())
      if (tensor.data instanceof Uint8Array && !/string|complex/.test(tensor.dataType)) tensorValues(tensor);
    return "read";
  } catch (error) {
    if (error instanceof SnellenError && error.userFault) return error.code;
    throw error;
  }
}
