// Oracle: classes matched by hand.
import { describe, expect, it } from "vitest";
import { alignClasses, trainedNames, withClasses } from "./aligned-classes.ts";
import type { BatchSource } from "./batch.ts";

const network = (classes: number, names?: readonly string[]) =>
  ({ logits: { classes }, labels: { names, origin: "" } }) as unknown as Parameters<typeof alignClasses>[0];
const set = (...labels: string[]) => ({ labels, name: "photos" });

function sourceOf(classes: readonly number[], labels: readonly string[]): BatchSource {
  return {
    pictures: {
      name: "photos",
      labels,
      count: classes.length,
      version: "1",
      classOf: (i) => classes[i] as number,
    },
    width: 1,
    batch: async (indices) => ({
      values: new Float32Array(indices.length),
      dims: [indices.length, 1, 1, 1],
      classes: Int32Array.from(indices, (i) => classes[i] as number),
      skipped: [],
    }),
    [Symbol.asyncDispose]: async () => {},
  };
}

describe("classes of a data set", () => {
  it("are the network's by name where both have names, also where the network has more", () => {
    const names = ["ant", "bee", "cat", "dog"];
    expect(alignClasses(network(4, names), set("bee", "ant", "dog", "cat"))).toEqual([1, 0, 3, 2]);
    expect(alignClasses(network(4, names), set("dog", "ant"))).toEqual([3, 0]);
  });

  it("are the network's by number where one of them has no names", () => {
    expect(alignClasses(network(2), set("bee", "ant"))).toEqual([0, 1]);
    expect(alignClasses(network(2, ["ant", "bee"]), set("0", "1"))).toEqual([0, 1]);
    expect(alignClasses(network(2, ["LABEL_0", "LABEL_1"]), set("bee", "ant"))).toEqual([0, 1]);
    expect(alignClasses(network(1), set("no", "yes"))).toEqual([0, 1]);
  });

  it("are refused where their number is another, a name is unknown among known ones, or all are", () => {
    expect(() => alignClasses(network(3), set("ant", "bee"))).toThrow(
      expect.objectContaining({ code: "class-count-mismatch" }),
    );
    expect(() => alignClasses(network(2, ["ant", "bee"]), set("C", "D"))).toThrow(
      expect.objectContaining({
        code: "other-classes",
        message: expect.stringMatching(/classes are C, D, where the network's are ant, bee\. .*--labels/),
      }),
    );
    expect(() => alignClasses(network(3, ["ant", "bee", "cat"]), set("ant", "bee", "cta"))).toThrow(
      expect.objectContaining({ code: "unknown-class", message: expect.stringContaining('"cat"') }),
    );
  });
});

describe("names of a trained network's classes", () => {
  it("are its own, or the data's where it has none", () => {
    expect(trainedNames(network(2, ["ant", "bee"]), set("bee", "ant"))).toEqual(["ant", "bee"]);
    expect(trainedNames(network(2), set("bee", "ant"))).toEqual(["bee", "ant"]);
    expect(trainedNames(network(2, ["0", "1"]), set("bee", "ant"))).toEqual(["bee", "ant"]);
    expect(trainedNames(network(2), set("0", "1"))).toBeUndefined();
    // one score has no name of its own
    expect(trainedNames(network(1), set("no", "yes"))).toBeUndefined();
  });
});

describe("batches with the network's classes", () => {
  it("have each picture's class in the network's numbers", async () => {
    const mapped = withClasses(sourceOf([0, 1, 1, 0], ["dog", "ant"]), [3, 0]);
    expect([...(await mapped.batch([0, 1, 2, 3], undefined)).classes]).toEqual([3, 0, 0, 3]);
    expect(mapped.pictures.classOf(1)).toBe(0);
    const same = sourceOf([0, 1], ["a", "b"]);
    expect(withClasses(same, [0, 1])).toBe(same);
  });

  it("refuse a picture of no class of the set", () => {
    expect(() => withClasses(sourceOf([0, 2], ["a", "b"]), [0, 1])).toThrow(
      expect.objectContaining({
        code: "label-out-of-range",
        message: expect.stringContaining("picture 1 has class 2"),
      }),
    );
  });
});
