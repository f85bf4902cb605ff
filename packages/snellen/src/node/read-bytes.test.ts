// Oracle: the file's bytes, on files made up here that give as much at a time as they like.
import { describe, expect, it } from "vitest";
import { fill, readUpTo, readWhole } from "./read-bytes.ts";

/** Bytes 0, 1, 2, …, of which a read gives at most some; takes down what it was asked for. */
function fileOf(bytes: number, most = bytes) {
  const asked: number[] = [];
  const read = async (into: Uint8Array, offset: number, length: number, position: number) => {
    asked.push(length);
    const bytesRead = Math.max(0, Math.min(length, most, bytes - position));
    if (bytes < 256) for (let i = 0; i < bytesRead; i++) into[offset + i] = position + i;
    return { bytesRead, buffer: into };
  };
  return { asked, file: { read } as unknown as Parameters<typeof fill>[0] };
}

describe("reading", () => {
  it("goes on until all is there", async () => {
    expect(await readUpTo(fileOf(10, 3).file, 2, 7)).toEqual(Uint8Array.of(2, 3, 4, 5, 6, 7, 8));
  });

  it("asks for less than 2 GiB at a time, which is all that Node takes", async () => {
    const size = 2 ** 31 + 8;
    const { file, asked } = fileOf(size);
    expect(await fill(file, new Uint8Array(size))).toBe(size); // of zeros, which take no memory
    expect(asked).toEqual([2 ** 30, 2 ** 30, 8]);
  });

  it("ends with the file, or refuses", async () => {
    expect(await readUpTo(fileOf(10).file, 8, 7)).toEqual(Uint8Array.of(8, 9));
    const whole = readWhole(fileOf(10).file, 8, 7, (reason) => new Error(`it ${reason}`));
    await expect(whole).rejects.toThrow("it got shorter while it was read.");
  });
});
