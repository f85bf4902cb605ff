// Other groups in the graphs of real exports, as `snellen fix groups` writes them. Oracle: the definition of group normalization,
// element by element in TypeScript, on what ONNX Runtime computes of the changed file; and what is then found in that file. The
// exports are those of forms/recorded-forms.test.ts: PyTorch by both exporters, Keras by tf2onnx, operator sets 13 to 21.
import { readdirSync, readFileSync } from "node:fs";
import { type Model, parseModel, serializeModel } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { moduleNames } from "../naming/module-names.ts";
import type { Normalization } from "../normalization.ts";
import { byDefinition } from "../test-support/by-definition.ts";
import { constantIn, type Found, findInModel, valuesIn } from "../test-support/find-in.ts";
import { hasGroups } from "./advise-groups.ts";
import { divisors } from "./divisors.ts";
import { rewriteFile } from "./rewrite-file.ts";

const folder = new URL("../fixtures/forms/", import.meta.url);

interface Case {
  readonly original: Model;
  readonly found: Found;
  readonly place: number;
  readonly normalization: Normalization;
}

const cases = readdirSync(folder)
  .filter((file) => file.endsWith(".onnx"))
  .flatMap((file) => {
    const original = parseModel(readFileSync(new URL(file, folder)));
    const found = findInModel(original);
    return found.normalizations.flatMap((normalization, place): [string, Case][] =>
      hasGroups(normalization, { convertBatchNorm: true })
        ? [
            [
              `${file}, ${place + 1} of ${found.normalizations.length}`,
              { original, found, place, normalization },
            ],
          ]
        : [],
    );
  });

it("goes over every kind", () => {
  const count = (kind: string) => cases.filter(([, { normalization }]) => normalization.kind === kind).length;
  for (const kind of ["group", "instance", "layer", "batch"]) expect(count(kind)).toBeGreaterThan(5);
});

describe.each(cases)("%s", (_, { original, found, place, normalization }) => {
  const others = divisors(normalization.channels).filter((groups) => groups !== normalization.groups);

  it.each(others)("gets %i groups", async (groups) => {
    const file = parseModel(serializeModel(rewriteFile(original, found.shapes, [{ normalization, groups }])));
    const wanted = await definedWith(groups, normalization, file, found.model);
    // float32 and values of order 1
    expect(wanted.error).toBeLessThan(1e-5);

    const { model, normalizations: again } = findInModel(file);
    expect(again).toHaveLength(found.normalizations.length);
    expect(again[place]).toMatchObject({
      ...{ kind: groups === normalization.channels ? "instance" : "group", groups },
      ...{ input: normalization.input, output: normalization.output, channels: normalization.channels },
      ...{ channelAxis: normalization.channelAxis, perGroup: false },
    });
    expect(moduleNames(file, model, again)).toEqual(moduleNames(original, found.model, found.normalizations));
    for (const part of ["scale", "bias"] as const)
      expect(await constantIn(model, again[place]?.[part] ?? null)).toEqual(wanted[part]);
  });
});

/** The largest distance of the file's value from the definition with so many groups; γ and β as one number a channel or element. */
async function definedWith(groups: number, normalization: Normalization, file: Model, canonical: Model) {
  const { input, output, channels, perGroup } = normalization;
  const values = await valuesIn(file, [input, output]);
  const each = async (name: string | null): Promise<readonly number[] | undefined> => {
    const numbers = await constantIn(canonical, name);
    return perGroup ? numbers?.flatMap((v) => new Array<number>(channels / numbers.length).fill(v)) : numbers;
  };
  const [scale, bias] = [await each(normalization.scale), await each(normalization.bias)];
  const x = values.get(input);
  const own = { ...normalization, kind: "group" as const, groups, scale, bias };
  const wanted = byDefinition(x?.numbers ?? [], x?.dims ?? [], own);
  const got = values.get(output)?.numbers ?? [];
  expect(got).toHaveLength(wanted.length);
  return { error: Math.max(...wanted.map((w, i) => Math.abs(w - (got[i] as number)))), scale, bias };
}
