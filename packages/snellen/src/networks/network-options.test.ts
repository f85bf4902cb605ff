// What is refused when a network is asked for, and what text on a command line becomes.
import type { UsageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { network, networks } from "./index.ts";
import { readOptions } from "./network-options.ts";

function refusal(ask: () => unknown): Partial<UsageError> {
  try {
    ask();
  } catch (error) {
    return error as UsageError;
  }
  return {};
}

const GN = { normalization: "gn" } as const;
const TINY = { size: [3, 3], widths: [4], strides: [2], kernel: 5 } as const;

describe("build refuses", () => {
  it.each([
    [
      "resnet",
      { ...GN, groups: 3 },
      "groups-do-not-divide",
      "3 groups do not divide the 16 channels of bn1.",
    ],
    [
      "mlp",
      { ...GN, groups: [8, 7] },
      "groups-do-not-divide",
      "7 groups do not divide the 256 channels of norms.1.",
    ],
    ["mlp", { ...GN, groups: [8] }, "wrong-group-count", "1 numbers of groups for 2 group normalizations."],
    [
      "mlp",
      { ...GN, groups: [8, 8, 8] },
      "wrong-group-count",
      "3 numbers of groups for 2 group normalizations.",
    ],
    ["resnet", { groups: 4 }, "unused-network-option", "changes nothing where normalization is bn."],
    [
      "vit",
      { stem: "conv-gn", stemGroups: [8, 7] },
      "groups-do-not-divide",
      "7 groups do not divide the 96 channels",
    ],
    ["vit", { stem: "conv-gn", stemWidths: [8] }, "bad-network-option", "2 convolutions; got 1."],
    ["vit", { stem: "conv-gn", prelayernorm: "both" }, "bad-network-option", "no picture"],
    ["vit", { stem: "conv-gn", patch: 2 }, "bad-network-option", "a multiple of 4; got 2."],
    ["vit", { heads: 5 }, "bad-network-option", "5 heads do not divide the width 192."],
    ["vit", { patch: 5 }, "bad-network-option", "patches of 5 x 5 do not tile pictures of 32 x 32."],
    ["vit", { mlpRatio: 1.001 }, "bad-network-option", "no whole number"],
    ["resnet", { blocks: [2, 2] }, "bad-network-option", "each of the 3 widths; got 2."],
    ["resnet", { block: "pre-activation", zeroInit: true }, "unused-network-option", "pre-activation"],
    ["plain-cnn", { strides: [2] }, "bad-network-option", "each of the 3 widths; got 1."],
    [
      "plain-cnn",
      { downsampling: "max-pool", strides: [4, 4, 4] },
      "bad-network-option",
      "side 2 cannot shrink 4",
    ],
    ["plain-cnn", { ...TINY, paddedKernels: true }, "kernel-not-padded", "nothing but padding"],
    ["plain-cnn", { width: [4] }, "unknown-network-option", "no such option"],
    ["mlp", { widths: [0] }, "bad-network-option", "expected whole numbers between commas; got [0]."],
    ["mlp", { classes: 1 }, "bad-network-option", "expected a number of classes"],
    ["mlp", { mean: [0.1, 0.2] }, "bad-mean", "expected 3 values"],
    ["mlp", { std: [0] }, "bad-std", "above 0"],
  ])("%s %j", (id, options, code, what) => {
    const found = refusal(() => network(id).build(options));
    expect(found.code).toBe(code);
    expect(found.message).toContain(what);
  });

  it("an unknown network, and names one that it may be", () => {
    const found = refusal(() => network("restnet"));
    expect([found.code, found.hint]).toEqual([
      "unknown-network",
      `Did you mean "resnet"? Known: ${networks.map(({ id }) => id).join(", ")}.`,
    ]);
  });
});

describe("readOptions", () => {
  const { options } = network("resnet");

  it("makes data of text", () => {
    const texts = {
      classes: "cat, dog",
      size: "16x24",
      channels: "1",
      mean: "0.1",
      blocks: "1,2",
      groups: "4",
      zeroInit: "true",
    };
    expect(readOptions(options, texts)).toEqual({
      classes: ["cat", "dog"],
      size: [16, 24],
      channels: 1,
      mean: [0.1],
      blocks: [1, 2],
      groups: 4,
      zeroInit: true,
    });
    expect(readOptions(options, { classes: "7", size: "16", groups: "4,8" })).toEqual({
      classes: 7,
      size: [16, 16],
      groups: [4, 8],
    });
  });

  it.each([
    ["block", "basics"],
    ["blocks", "1,x"],
    ["blocks", ""],
    ["blocks", "1.5"],
    ["channels", "2"],
    ["size", "16x16x16"],
    ["size", "0"],
    ["classes", "one"],
    ["zeroInit", "yes"],
    ["mean", "0x1"],
  ])("refuses %s=%s", (name, text) => {
    expect(refusal(() => readOptions(options, { [name]: text }))).toMatchObject({
      code: "bad-network-option",
      where: `option ${name}`,
    });
  });

  it("names the option that may be meant", () => {
    expect(refusal(() => readOptions(options, { block_size: "1" }))).toMatchObject({
      code: "unknown-network-option",
      hint: expect.stringMatching(/^Did you mean "blocks?"\?/),
    });
  });

  it("every default is one of an option's values", () => {
    for (const { options: table } of networks)
      for (const { initial, accepts } of Object.values(table)) expect(accepts(initial)).toBe(true);
  });
});
