// Sixteen hexadecimal digits that tell one set of pictures from another, so that a training goes on only with its own.
// Two FNV-1a hashes (Fowler, Noll, Vo) over four bytes at a time; against accidents, not against forgers.

/** The same bytes in other parts are another set. */
export function fingerprint(parts: readonly Uint8Array[]): string {
  let low = 0x811c9dc5;
  let high = 0xcbf29ce4;
  const add = (value: number) => {
    low = Math.imul(low ^ value, 0x01000193);
    // its low bits alone would follow `low`
    high = Math.imul((high ^ (high >>> 15)) + value, 0x9e3779b1);
  };
  for (const part of parts) {
    add(part.length);
    const whole = part.length >> 2;
    const aligned = part.byteOffset % 4 === 0 ? part : part.slice();
    const words = new Uint32Array(aligned.buffer, aligned.byteOffset, whole);
    for (let i = 0; i < whole; i++) add(words[i]!);
    for (let i = 4 * whole; i < part.length; i++) add(part[i]!);
  }
  return [low ^ (low >>> 16), high ^ (high >>> 16)]
    .map((word) => (word >>> 0).toString(16).padStart(8, "0"))
    .join("");
}
