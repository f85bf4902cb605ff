// Tokens beside the patches' own (class, distillation, register and detection tokens): which operands of Concats they are, and of which
// kind, by the names of their parameters or else by their place. Derived here.
import { attr, dimsOf, type Node } from "@snellen/graph";
import type { EmbeddingContext } from "./embedding-context.ts";
import type { OtherTokenKind, OtherTokens } from "./patch-embedding.ts";
import { constantsBehind } from "./positional-additions.ts";

type Placed = Omit<OtherTokens, "joined">;

/** What a Concat along an axis of tokens puts together, in order; undefined of other nodes. */
export function joinedBy(
  context: EmbeddingContext,
  node: Node,
): { patches: string; others: Placed[] } | undefined {
  const { flow, shapes, spaces } = context;
  const output = node.outputs[0] as string;
  const layout = spaces.get(output)?.layout;
  if (node.opType !== "Concat" || layout === undefined || layout.kind === "map") return undefined;
  const rank = dimsOf(shapes, output)?.length ?? 0;
  const axis = attr.int(node, "axis");
  const tokenAxis = layout.spatialAxes[0] as number;
  if ((axis < 0 ? axis + rank : axis) !== tokenAxis) return undefined;
  const place = node.inputs.findIndex((name) => spaces.get(name)?.isWhole === true);
  const patches = node.inputs[place];
  if (patches === undefined) return undefined;
  const others = node.inputs.flatMap((value, i) => {
    const where = i < place ? "before-patches" : "behind-patches";
    return i === place || flow.isImage(value) ? [] : partsOf(context, value, tokenAxis, where);
  });
  return { patches, others };
}

/** Tokens of one operand; several where it is itself put together of constants. */
function partsOf(context: EmbeddingContext, value: string, axis: number, place: Placed["place"]): Placed[] {
  const { shapes, flow } = context;
  const node = flow.index.producer(value);
  const spread =
    node !== undefined && /^(Expand|Tile|Identity|Cast)$/.test(node.opType) ? node.inputs[0] : undefined;
  const inner =
    node?.opType === "Concat" ? node : spread === undefined ? undefined : flow.index.producer(spread);
  const isJoined = inner?.opType === "Concat" && attr.int(inner, "axis") === axis && !flow.isImage(value);
  if (isJoined) return inner.inputs.flatMap((part) => partsOf(context, part, axis, place));
  const count = dimsOf(shapes, value)?.[axis] ?? 0;
  return [{ kind: kindOf(context, value), count, value, place }];
}

const NAMES: readonly (readonly [OtherTokenKind, RegExp])[] = [
  ["distillation", /dist/i],
  ["register", /regist|reg_tok|storage_tok/i],
  ["detection", /det(ection)?_tok/i],
  ["class", /cls|class/i],
];

function kindOf({ flow }: EmbeddingContext, value: string): OtherTokenKind {
  // without its modules: a network with registers may be called so as a whole
  const names = constantsBehind(flow.index, value).parameters.map((name) =>
    name.slice(name.lastIndexOf(".") + 1),
  );
  return NAMES.find(([, pattern]) => names.some((name) => pattern.test(name)))?.[0] ?? "other";
}

/**
 * Names where no parameter told: a first single token is the class token, a second one a distillation token, several are registers;
 * behind the patches nothing is certain.
 */
export function withLikelyKinds(tokens: readonly OtherTokens[]): OtherTokens[] {
  const named = [...tokens];
  named.forEach((token, i) => {
    if (token.kind !== "other" || token.place === "behind-patches") return;
    const has = (kind: OtherTokenKind) => named.some((other) => other.kind === kind);
    const single = has("class") ? (has("distillation") ? "other" : "distillation") : "class";
    named[i] = { ...token, kind: token.count > 1 ? "register" : single };
  });
  return named;
}
