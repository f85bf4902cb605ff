// External weights on their way from file to file, in parts that memory has room for.
import { type ExternalBytes, InternalError, type ReadRange, truncatedExternal } from "@snellen/graph";

const PART_BYTES = 8 << 20;

/**
 * The bytes at a place, in order.
 * @param name of their tensor, for errors
 * @throws ModelError `truncated-external-data`
 */
export async function* externalParts(
  name: string,
  { location, offset, length }: ExternalBytes,
  read: ReadRange | undefined,
): AsyncGenerator<Uint8Array> {
  if (read === undefined) throw new InternalError(`external tensor "${name}" without a way to read it`);
  for (let done = 0; done < length; done += PART_BYTES) {
    const part = { location, offset: offset + done, length: Math.min(PART_BYTES, length - done) };
    const bytes = await read(part);
    if (bytes.byteLength < part.length) throw truncatedExternal(name, part, bytes.byteLength);
    yield bytes;
  }
}
