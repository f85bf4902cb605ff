// Parameters and their gradients beside PyTorch's (tools/reference/training_steps.py): roles by the module that holds each, lengths of
// the first gradients in float64, from which float32's rounding is up to 1e-6 away.
import { serializeModel } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { expect, it } from "vitest";
import { type ParameterRole, readAs } from "./parameters.ts";
import { prepareTraining } from "./prepare.ts";
import { madeBatch } from "./test-support/made-batches.ts";
import {
  constantValues,
  type RecordedRun,
  recorded,
  recordedNetwork,
  recordedNetworks,
  torchNames,
  wishesOf,
} from "./test-support/recorded.ts";
import { oneThread } from "./test-support/recorded-training.ts";
import { batchFeeds } from "./trainer.ts";
import { gradientGraph } from "./training-graph.ts";

it.each(recordedNetworks)(
  "%s: every parameter of PyTorch is found with its role, and nothing else",
  (network) => {
    const record = recorded(network);
    const { roles } = record;
    const prepared = prepareTraining(recordedNetwork(network));
    const torch = torchNames(prepared, record);
    expect([...torch.values()].sort()).toEqual(Object.keys(roles).sort());
    for (const { name, role, layer } of prepared.parameters) {
      const expected = roles[torch.get(name) as string];
      // a product's bias is an addend of its own in some graphs
      const isAddend = expected === "bias" && readAs(layer, layer.inputs.indexOf(name)) === undefined;
      expect([name, role]).toEqual([name, isAddend ? "shift" : expected]);
    }
    const [decayed, others] = prepared.options.groups.map(({ parameters }) => parameters);
    const rolesOf = (list: typeof decayed): Set<ParameterRole> => new Set(list?.map(({ role }) => role));
    expect(rolesOf(decayed)).toEqual(new Set(["weight"]));
    expect(rolesOf(others).has("weight")).toBe(false);
  },
);

it.each(recordedNetworks.filter((network) => !network.endsWith("untrained")))(
  "%s: the first gradients have PyTorch's lengths",
  async (network) => {
    const record = recorded(network);
    const run = Object.values(record.runs)[0] as RecordedRun;
    const prepared = prepareTraining(recordedNetwork(network), wishesOf(run));
    const { info, options } = prepared;
    const { model, gradients, scored } = gradientGraph(info, options);
    const given = [...gradients.keys()].map((name) => {
      const dims = info.model.graph.initializers.get(name)?.dims ?? [];
      return [name, new Tensor("float32", constantValues(info, name), dims)] as const;
    });
    const feeds = {
      ...batchFeeds({ image: info.input.name, classes: scored.classes }, madeBatch(0)),
      ...Object.fromEntries(given),
    };
    const session = await oneThread.createSession({ bytes: serializeModel(model) });
    const results = await session.run(feeds, [...gradients.values()]);
    await session.dispose();
    const torch = torchNames(prepared, record);
    expect(torch.size).toBe(gradients.size);
    for (const [name, output] of gradients) {
      const { data } = results[output] as Tensor;
      const length = Math.hypot(...(data as Float32Array));
      const expected = run.firstGradients[torch.get(name) as string] as number;
      expect(Math.abs(length / expected - 1), name).toBeLessThan(5e-6);
    }
  },
);
