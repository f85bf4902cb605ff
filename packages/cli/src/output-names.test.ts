// Oracle: a case-insensitive set and the byte limit of file systems.
import fc from "fast-check";
import { expect, it } from "vitest";
import { outputStems, targetLabel, targetNames } from "./output-names.ts";

it.each([
  [
    ["/a/cat.jpg", "/b/cat.jpg", "/b/cat.png"],
    ["cat", "cat~2", "cat~3"],
  ],
  [
    ["/a/cat.jpg", "/a/Cat.jpg", "/a/cat~2.jpg"],
    ["cat", "Cat~2", "cat~2~2"],
  ],
  [
    ["/a/x.npy[0]", "/a/x.npy[12]", "/a/x.npy"],
    ["x-0", "x-12", "x"],
  ],
  [
    ["/a/кошка ☕.jpeg", "/a/b.c.jpg", "/a/.jpg"],
    ["кошка ☕", "b.c", "_jpg"],
  ],
  [
    ['/a/a:b*c?"<>|.png', "/a/x\ny.png"],
    ["a_b_c_____", "x_y"],
  ],
  // extensions are taken off first; what is left must be no folder above, and no ending that Windows drops
  [
    ["...layer", "..layer", "....layer", "/a/ x. .png", ".layer", " .png"],
    ["__", "_", "___", "_x__", "_layer", "_~2"],
  ],
])("%j become %j", (sources, stems) => {
  expect(outputStems(sources)).toEqual(stems);
});

it("are none of those that are taken, in whatever case", () => {
  expect(outputStems(["erf.json.layer", "ERF.json.onnx", "a.layer"], ["erf.json", "progress.state"])).toEqual(
    ["erf.json~2", "ERF.json~3", "a"],
  );
});

it("are unique on every file system, short enough, and stay in their folder", () => {
  const name = fc.oneof(
    fc.constantFrom(
      "a",
      "A",
      "é",
      "é",
      "a~2",
      ".",
      "..",
      "...",
      " ",
      "x".repeat(300),
      `${"x".repeat(179)}. y`,
      "☕".repeat(100),
    ),
    fc.string({ unit: "grapheme" }),
  );
  fc.assert(
    fc.property(fc.array(name, { maxLength: 12 }), (names) => {
      const stems = outputStems(names.map((n, i) => `/photos/${i % 2}/${n}.png`));
      expect(new Set(stems.map((s) => s.normalize("NFC").toLowerCase())).size).toBe(names.length);
      for (const stem of stems) {
        expect(Buffer.byteLength(`${stem}__extended-cam.cells.npy`)).toBeLessThan(255);
        expect(stem).not.toMatch(/[/\\]/);
        expect(stem).not.toBe("");
        expect(stem).not.toMatch(/^[. ]|[. ]$/);
      }
    }),
    { seed: 2, numRuns: 200 },
  );
});

it("tell targets apart where there are several, however long they are", () => {
  expect(targetNames(["top1"]).size).toBe(0);
  const targets = [
    "tabby",
    "a vs b",
    "probability:1",
    "mask:1@masks/left.png",
    ...["0,1", "0,2"].map((place) => `output:/model/backbone/layer4/layer4.2/relu_2/Relu_output_0[${place}]`),
  ];
  expect([...targetNames(targets).values()]).toEqual([
    "__tabby",
    "__a-vs-b",
    "__probability-1",
    "__mask-1@masks-left.png",
    "__output-model-backbone-layer4-layer4.2-re",
    "__output-model-backbone-layer4-layer4.2-re~2",
  ]);
});

it.each([
  ["top1", "tabby"],
  ["3", "tabby"],
  ["tabby vs lynx", "tabby vs lynx"],
  ["output:boxes[1,2]", "output:boxes[1,2]"],
])("%s is shown as %s", (asked, shown) => {
  expect(targetLabel(asked, "tabby")).toBe(shown);
});
