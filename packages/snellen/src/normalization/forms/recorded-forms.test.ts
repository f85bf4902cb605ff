// Oracle: the PyTorch and Keras modules that tools/reference/normalization_forms.py exported (torch 2.15.0, both exporters, opsets 13
// to 23; TensorFlow 2.21.0 by tf2onnx 1.17.0): kind, channels, groups, ε, and the parameters that are γ and β, by their values. And the
// definitions, applied to each input and compared with what ONNX Runtime computes.
import { describe, expect, it } from "vitest";
import { expectDefinition } from "../test-support/expect-definition.ts";
import { constantIn } from "../test-support/find-in.ts";
import { findInRecorded, recorded } from "../test-support/recorded.ts";

describe.each(recorded)("$file", (record) => {
  const found = findInRecorded(record.file);

  it("is found as the module is", () => {
    const plain = found.normalizations.map(
      ({ kind, channels, groups, acrossPositions, epsilon, scale, bias, perGroup }) => ({
        kind,
        channels,
        groups,
        acrossPositions,
        epsilon: Number(epsilon.toPrecision(4)),
        scale: scale === null || record.filledIn === true ? null : "given",
        bias: bias === null || record.filledIn === true ? null : "given",
        perGroup,
      }),
    );
    const given = (name: string | null) => (name === null ? null : "given");
    expect(plain).toEqual(record.expected.map((e) => ({ ...e, scale: given(e.scale), bias: given(e.bias) })));
  });

  it("has the module's γ and β", async () => {
    for (const [i, { scale, bias }] of record.expected.entries()) {
      const one = found.normalizations[i];
      const shift = record.plusOne ? 1 : 0;
      const [own, moved] = [
        await constantIn(found.model, one?.scale ?? null),
        await constantIn(found.model, one?.bias ?? null),
      ];
      if (scale !== null)
        expectNear(
          own,
          record.parameters[scale]?.map((w) => w + shift),
        );
      if (bias !== null) expectNear(moved, record.parameters[bias]);
      if (record.filledIn) expect([own, moved].map((v) => new Set(v))).toEqual([new Set([1]), new Set([0])]);
    }
  });

  it("computes what the definition says", async () => {
    await expectDefinition(found, { outside: record.deviation === true });
  });

  it("has nodes between its input and its output, each in one normalization", () => {
    const all = found.normalizations.flatMap((n) => n.nodes);
    expect(new Set(all).size).toBe(all.length);
    for (const { node, nodes, input, output } of found.normalizations) {
      expect(nodes).toContain(node);
      expect(nodes.some((n) => n.inputs.includes(input))).toBe(true);
      expect(nodes.at(-1)?.outputs[0]).toBe(output);
      const made = new Set(nodes.flatMap((n) => n.outputs));
      const outside = found.model.graph.nodes.filter((n) => !nodes.includes(n));
      const read = new Set(outside.flatMap((n) => n.inputs));
      expect([...made].filter((name) => name !== output && read.has(name))).toEqual([]);
    }
  });
});

function expectNear(got: readonly number[] | undefined, wanted: readonly number[] | undefined): void {
  expect(got?.length).toBe(wanted?.length);
  // written with six digits; half precision has three
  for (const [i, w] of (wanted ?? []).entries()) expect(Math.abs((got?.[i] ?? 0) - w)).toBeLessThan(6e-4);
}
