// What a normalization is to the methods, in whatever ONNX form it came: which value, over which channels and groups, with
// which scale (γ) and bias (β).
import type { GraphIndex, Node, Shapes } from "@snellen/graph";

/**
 * `batch`: statistics of a channel over the batch (or kept from training); `group`: over groups of channels and all positions of
 * one image; `instance`: over the positions of one channel; `layer`: over the channels of one position, or over the whole map;
 * `rms`: as `layer`, without taking off the mean.
 */
export type NormalizationKind = "batch" | "group" | "instance" | "layer" | "rms";

export interface Normalization {
  /** Id of the form that recognised it. */
  readonly form: string;
  readonly kind: NormalizationKind;
  /** The node that stands for it: of decomposed forms the last of the statistics. */
  readonly node: Node;
  /** Every node it is made of, scale and bias included. */
  readonly nodes: readonly Node[];
  /** The value that is normalized. */
  readonly input: string;
  /** Before scale and bias, where these are nodes of their own (of the shape of `input`); else `output`. */
  readonly normalized: string;
  /** After scale and bias. */
  readonly output: string;
  /** Axis of the channels in `input`, from 0. */
  readonly channelAxis: number;
  readonly channels: number;
  /** Groups of channels that have statistics of their own; `channels` for `instance`, 1 for `layer` and `rms`; null for `batch`. */
  readonly groups: number | null;
  /** Whether the statistics run over positions too (rows and columns, tokens), or over channels alone. */
  readonly acrossPositions: boolean;
  readonly epsilon: number;
  /**
   * Constant with γ as the graph has it: one number a channel, or a group (`perGroup`), or an element of an image where the
   * statistics run over positions too; null without one.
   */
  readonly scale: string | null;
  /** Constant with β, likewise; null without one. */
  readonly bias: string | null;
  /** GroupNormalization of opset 18 to 20 has one γ and β a group. */
  readonly perGroup: boolean;
}

/** What a form looks at. */
export interface FormContext {
  readonly index: GraphIndex;
  readonly shapes: Shapes;
  /** Version of the standard operator set. */
  readonly opset: number;
}

/** One way in which exporters write a normalization. */
export interface NormalizationForm {
  readonly id: string;
  /** For tables: what the graph looks like. */
  readonly title: string;
  /** Every normalization of this form, in graph order. Forms before it in the registry have the first claim on a node. */
  readonly find: (context: FormContext) => readonly Normalization[];
}
