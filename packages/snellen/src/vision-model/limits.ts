// Refuses models that a run could only end by using up the machine's memory, and names operators that nobody knows.
import {
  dataTypeOf,
  describeNode,
  type Model,
  ModelError,
  type Shapes,
  UnsupportedError,
} from "@snellen/graph";
import type { SizedInput } from "./preprocessing.ts";

/** Numbers in one picture; 512 MiB as float32. */
const MAX_INPUT = 2 ** 27;
/** Numbers in one value of one picture; 8 GiB as float32, of which a run needs several. */
const MAX_VALUE = 2 ** 31;

/** @throws ModelError `input-too-large` */
export function checkInputSize({ name, channels, size: [height, width] }: SizedInput): void {
  if (channels * height * width <= MAX_INPUT) return;
  throw new ModelError("input-too-large", `asks for pictures of ${height}x${width} pixels.`, {
    where: `input "${name}"`,
    hint: "Export the model for a smaller size, or give one with --size where it is open.",
  });
}

/** @throws ModelError `value-too-large` for a node whose output would take more memory than there is */
export function checkValueSizes(model: Model, shapes: Shapes): void {
  const [types] = shapes.probes;
  const images = shapes.batches[0] ?? 1;
  for (const node of model.graph.nodes) {
    for (const output of node.outputs) {
      const dims = types?.get(output)?.dims ?? [];
      if (dims.reduce((n, d) => n * d, 1) <= MAX_VALUE * images) continue;
      throw new ModelError(
        "value-too-large",
        `its output would be [${dims.join(", ")}] for ${images} images.`,
        {
          where: describeNode(node),
          hint: "The file is damaged or crafted, or the input size is not the one that it was made for.",
        },
      );
    }
  }
}

/**
 * Checks that something is known of a value.
 * @throws UnsupportedError `unsupported-operator` naming the operator behind which nothing is known
 */
export function requireKnown(model: Model, shapes: Shapes, value: string): void {
  if (dataTypeOf(shapes, value) !== undefined) return;
  const producers = new Map(model.graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const isKnown = (name: string): boolean => name === "" || dataTypeOf(shapes, name) !== undefined;
  let node = producers.get(value);
  for (let unknown = node; unknown !== undefined; ) {
    node = unknown;
    unknown = producers.get(node.inputs.find((name) => !isKnown(name)) ?? "");
  }
  if (node === undefined) return;
  const operator = node.domain === "" ? node.opType : `${node.domain}::${node.opType}`;
  throw new UnsupportedError(
    "unsupported-operator",
    `what ${operator} gives is not known without running it.`,
    {
      where: describeNode(node),
      hint: "Export the model with standard operators, or name a value before this node (--output, --of).",
    },
  );
}
