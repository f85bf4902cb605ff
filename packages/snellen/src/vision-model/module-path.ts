// Which PyTorch module a node came from, read from the names that exporters give. A guess; null where no name tells.
import type { Node } from "@snellen/graph";

/** Class names of convolutions. */
const CONVOLUTION = /\.\w*Conv\w*$/;

/**
 * Source 1: the weight, `layer1.0.conv1.weight`.
 * Source 2: the scopes that `torch.onnx.export(dynamo=True)` notes in a node's metadata.
 * Source 3: the node, `/layer1/layer1.0/conv1/Conv`, as the TorchScript exporter names it.
 * @param classes full names of the classes whose scopes count; default: those of convolutions
 */
export function modulePath(node: Node, weight: string, classes: RegExp = CONVOLUTION): string | null {
  return ofWeight(weight) ?? ofScopes(node, classes) ?? ofNode(node.name);
}

const ofWeight = (name: string): string | undefined => /^([A-Za-z_][\w.-]*)\.weight$/.exec(name)?.[1];

/**
 * `['', 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d_3']`: the last but one. A convolution that a normalization was folded
 * into carries the scopes of the normalization, which the classes tell.
 */
function ofScopes(node: Node, wanted: RegExp): string | undefined {
  const [scopes, classes] = ["name_scopes", "class_hierarchy"].map((key) => listOf(node, key));
  return wanted.test(classes?.at(-2) ?? "") ? scopes?.at(-2) || undefined : undefined;
}

/** A list in the metadata of a node, written as Python writes it. */
function listOf({ source }: Node, key: string): string[] {
  const props = (source as { metadataProps?: readonly { key: string; value: string }[] })?.metadataProps;
  const text = props?.find((prop) => prop.key === `pkg.torch.onnx.${key}`)?.value ?? "";
  return [...text.matchAll(/'([^']*)'/g)].map((match) => match[1] as string);
}

/** Steps are attribute names, and within a Sequential the whole path from its own name on: `features/features.0/features.0.0`. */
function ofNode(name: string): string | null {
  const steps = name.split("/").slice(1, -1);
  if (!name.startsWith("/") || steps.length === 0) return null;
  const path = steps.filter((step, i) => steps[i + 1]?.startsWith(`${step}.`) !== true);
  return path.every((step) => /^[\w.-]+$/.test(step)) ? path.join(".") : null;
}
