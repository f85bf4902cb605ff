// A walk over a protobuf's framing before anything is decoded: does every field end inside its message, how deep and how many?
// protobuf-es checks lengths against the file only and builds an object for every two bytes, so damage and bombs stop here.
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

export type WireFault =
  /** A field of the outermost message ends after the file: the rest is missing. */
  | "truncated"
  /** Not the framing of this message. */
  | "damaged"
  | "too-deep"
  | "too-many";

export interface WireReport {
  readonly fault: WireFault | undefined;
  /** Byte at which the walk stopped. */
  readonly at: number;
  /** Numbers of the outermost fields that were seen whole or begun, known ones only. */
  readonly fields: ReadonlySet<number>;
}

/** Messages within messages; the limit of Google's own parser, so of ONNX Runtime too. */
const MAX_DEPTH = 100;
/** Messages and byte strings, some 300 bytes each once decoded. The largest published vision models hold 0.1 million. */
const MAX_OBJECTS = 3_000_000;
/** Numbers and names in lists, up to 40 bytes each once decoded. */
const MAX_ITEMS = 20_000_000;

const VARINT = 0;
const BYTES = 2;

interface FieldFrame {
  readonly wireType: number;
  readonly packable: boolean;
  /** What counts against the limits: an object, a list item, or neither. */
  readonly counts: "object" | "item" | "nothing";
  readonly message: DescMessage | undefined;
}

type Frames = ReadonlyMap<number, FieldFrame>;

const WIRE_TYPES: { readonly [scalar: number]: number } = {
  [ScalarType.DOUBLE]: 1,
  [ScalarType.FLOAT]: 5,
  [ScalarType.STRING]: BYTES,
  [ScalarType.BYTES]: BYTES,
};

function frameOf(field: DescField): FieldFrame {
  const isList = field.fieldKind === "list";
  if (field.message !== undefined)
    return { wireType: BYTES, packable: false, counts: "object", message: field.message };
  const wireType = field.scalar === undefined ? VARINT : (WIRE_TYPES[field.scalar] ?? VARINT);
  const counts = !isList ? "nothing" : field.scalar === ScalarType.BYTES ? "object" : "item";
  return { wireType, packable: isList && wireType !== BYTES, counts, message: undefined };
}

const framesBySchema = new WeakMap<DescMessage, Frames>();

function framesOf(schema: DescMessage): Frames {
  const known = framesBySchema.get(schema);
  if (known !== undefined) return known;
  const frames = new Map(schema.fields.map((field) => [field.number, frameOf(field)]));
  framesBySchema.set(schema, frames);
  return frames;
}

/** Thrown and caught within this file: ends the walk. */
class Stop {
  readonly fault: WireFault;
  constructor(fault: WireFault) {
    this.fault = fault;
  }
}

/** Walks `bytes` as a message of `schema`; costs some nanoseconds a field and nothing for what lies in long ones. */
export function checkWire(schema: DescMessage, bytes: Uint8Array): WireReport {
  const walk = { bytes, at: 0, depth: 0, objects: 0, items: 0, fields: new Set<number>() };
  try {
    walkMessage(walk, schema, bytes.length);
    return { fault: undefined, at: walk.at, fields: walk.fields };
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    return { fault: stop.fault, at: walk.at, fields: walk.fields };
  }
}

interface Walk {
  readonly bytes: Uint8Array;
  at: number;
  depth: number;
  objects: number;
  items: number;
  readonly fields: Set<number>;
}

function walkMessage(walk: Walk, schema: DescMessage, end: number): void {
  if (++walk.depth > MAX_DEPTH) throw new Stop("too-deep");
  const frames = framesOf(schema);
  while (walk.at < end) {
    const tag = varint(walk, end, 5);
    const wireType = tag & 7;
    const number = tag >>> 3;
    const frame = frames.get(number);
    if (number === 0) throw new Stop("damaged");
    if (frame !== undefined) {
      if (wireType !== frame.wireType && !(frame.packable && wireType === BYTES)) throw new Stop("damaged");
      if (walk.depth === 1) walk.fields.add(number);
    }
    const length = wireType === BYTES ? varint(walk, end, 5) : 0;
    count(walk, frame, length);
    if (wireType === VARINT) varint(walk, end, 10);
    else skip(walk, frame?.message, wireType, length, end);
  }
  walk.depth--;
}

/** Unknown fields become an object each. */
function count(walk: Walk, frame: FieldFrame | undefined, length: number): void {
  if (frame === undefined || frame.counts === "object") walk.objects++;
  else if (frame.counts === "item") walk.items += frame.packable ? Math.max(1, length) : 1;
  if (walk.objects > MAX_OBJECTS || walk.items > MAX_ITEMS) throw new Stop("too-many");
}

const FIXED: { readonly [wireType: number]: number } = { 1: 8, 5: 4 };

function skip(
  walk: Walk,
  message: DescMessage | undefined,
  wireType: number,
  length: number,
  end: number,
): void {
  const size = wireType === BYTES ? length : FIXED[wireType];
  if (size === undefined) throw new Stop("damaged");
  const after = walk.at + size;
  if (after > end) throw new Stop(walk.depth === 1 ? "truncated" : "damaged");
  if (message === undefined) walk.at = after;
  else walkMessage(walk, message, after);
}

/** A varint's low 32 bits, unsigned. */
function varint(walk: Walk, end: number, maxBytes: number): number {
  let value = 0;
  for (let i = 0; i < maxBytes; i++) {
    if (walk.at >= end) throw new Stop(walk.depth === 1 ? "truncated" : "damaged");
    const byte = walk.bytes[walk.at++] as number;
    if (i < 5) value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return value >>> 0;
  }
  throw new Stop("damaged");
}
