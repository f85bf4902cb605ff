// Oracle: the order of the sources and a count of reads under way.
import { ImageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { type SkippedImage, type Source, type StreamOptions, streamInOrder } from "./stream.ts";

const bad = new ImageError("unreadable-image", "cannot be decoded.");

/** Sources 0 … n - 1, of which some fail; later ones finish earlier. */
function counted(n: number, failing: readonly number[] = []) {
  const reads = { started: 0, underWay: 0, most: 0 };
  const sources = Array.from(
    { length: n },
    (_, i): Source<number> => ({
      source: `image ${i}`,
      read: async () => {
        reads.started++;
        reads.most = Math.max(reads.most, ++reads.underWay);
        for (let turn = 0; turn < n - i; turn++) await Promise.resolve();
        reads.underWay--;
        if (failing.includes(i)) throw bad;
        return i;
      },
    }),
  );
  return { reads, sources };
}

async function collect(sources: Source<number>[], options?: StreamOptions): Promise<number[]> {
  const values = [];
  for await (const value of streamInOrder(sources, options)) values.push(value);
  return values;
}

describe("streamInOrder", () => {
  it.each([0, 1, 3])("keeps the order with %d read ahead", async (prefetch) => {
    const { reads, sources } = counted(7);
    expect(await collect(sources, { prefetch })).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(reads.most).toBeLessThanOrEqual(prefetch + 1);
  });

  it("reads no further ahead than asked while nobody takes the next one", async () => {
    const { reads, sources } = counted(9);
    const stream = streamInOrder(sources, { prefetch: 2 });
    await stream.next();
    expect(reads.started).toBe(3);
    await stream.return();
    expect(reads.started).toBe(3);
  });

  it("reports unreadable pictures and goes on", async () => {
    const skipped: SkippedImage[] = [];
    const { sources } = counted(4, [0, 2]);
    expect(await collect(sources, { onSkip: (image) => skipped.push(image) })).toEqual([1, 3]);
    expect(skipped).toEqual([
      { source: "image 0", error: bad },
      { source: "image 2", error: bad },
    ]);
  });

  it("ends at the first unreadable picture when nobody takes the report", async () => {
    await expect(collect(counted(4, [2]).sources)).rejects.toBe(bad);
  });

  it("says so when none could be read", async () => {
    const onSkip = () => undefined;
    await expect(collect(counted(3, [0, 1, 2]).sources, { onSkip })).rejects.toMatchObject({
      code: "no-readable-image",
      message: expect.stringContaining("none of the 3 images could be read."),
    });
  });

  it("does not skip what is no image's fault", async () => {
    const broken = { source: "x", read: () => Promise.reject(new TypeError("a bug")) };
    await expect(collect([broken], { onSkip: () => undefined })).rejects.toThrow("a bug");
  });

  it("ends with the signal's reason", async () => {
    const stop = new AbortController();
    const stream = streamInOrder(counted(5).sources, { signal: stop.signal });
    await stream.next();
    stop.abort(new Error("enough"));
    await expect(stream.next()).rejects.toThrow("enough");
  });
});
