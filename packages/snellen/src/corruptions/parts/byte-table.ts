// Corruptions that see one byte at a time, as tables of 256: what they cost does not depend on their formula.
// Derived here; Pillow's `Image.point` is the same idea.

export type ByteTable = Uint8Array;

/** What every byte becomes, asked in ascending order; results are cut off below 0 and above 255, then towards zero. */
export function byteTable(of: (byte: number) => number): ByteTable {
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) table[byte] = Math.max(0, Math.min(255, of(byte)));
  return table;
}

/** Every byte through the same table, into an array of its own. */
export function lookUp(data: Uint8Array, table: ByteTable): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = table[data[i]!]!;
  return out;
}

/** RGB pixels, each channel through a table of its own. */
export function lookUpChannels(
  data: Uint8Array,
  [red, green, blue]: readonly [ByteTable, ByteTable, ByteTable],
): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < out.length; i += 3) {
    out[i] = red[data[i]!]!;
    out[i + 1] = green[data[i + 1]!]!;
    out[i + 2] = blue[data[i + 2]!]!;
  }
  return out;
}
