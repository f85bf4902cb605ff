// Bytes of open files, in as many reads as they take.
import type { FileHandle } from "node:fs/promises";

type Readable = Pick<FileHandle, "read">;

/** Node reads less than 2 GiB at a time, and ends the process where it is asked for more. */
const MOST_AT_A_TIME = 2 ** 30;

/** Fills `into` from a position on and returns how many bytes there were: fewer where the file ends. */
export async function fill(file: Readable, into: Uint8Array, position = 0): Promise<number> {
  let done = 0;
  while (done < into.length) {
    const length = Math.min(MOST_AT_A_TIME, into.length - done);
    const { bytesRead } = await file.read(into, done, length, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/** Up to `length` bytes in a buffer of their own; fewer where the file ends. */
export async function readUpTo(file: Readable, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  return bytes.subarray(0, await fill(file, bytes, position));
}

/** As many bytes as the file was seen to have. @throws what `refusal` makes of the reason where it has fewer by now */
export async function readWhole(
  file: Readable,
  position: number,
  length: number,
  refusal: (reason: string) => Error,
): Promise<Uint8Array> {
  const bytes = await readUpTo(file, position, length);
  if (bytes.length < length) throw refusal("got shorter while it was read.");
  return bytes;
}
