// Which parameter of the training code each γ of the graph is: by its own name, by the module that its node came from, or by
// comparing with a list of the code's parameters. Derived here; how sure a name is goes with it.
import { elementCount, type GraphIndex, type Tensor, tensorBytes } from "@snellen/graph";
import { modulePath } from "../../vision-model/module-path.ts";
import type { Normalization } from "../normalization.ts";
import { alignSizes } from "./align-sizes.ts";
import { withoutCalls } from "./module-calls.ts";
import type { ParameterOrigin, ParameterUse } from "./parameter-origins.ts";
import { isVector, sizeOf, type TrainingParameter, type TrainingParameters } from "./training-parameters.ts";

/** From surest to least. */
export type Sureness = "certain" | "likely" | "guess";

/**
 * `name`: the file says so; `scope`: from the node's name or scopes; `list`: a name of the training code's; `values`: the same
 * numbers as a parameter of the training code; `order`: by size and order among them; `graph`: only the graph's own name is known.
 */
export type NameSource = "name" | "scope" | "list" | "values" | "order" | "graph";

export interface ParameterName {
  readonly name: string;
  readonly source: NameSource;
  readonly sure: Sureness;
}

/** One γ in need of a name. */
export interface NamelessUse extends ParameterUse {
  readonly origin: ParameterOrigin;
  /** Undefined for a layer scale. */
  readonly normalization: Normalization | undefined;
  readonly channels: number;
}

/**
 * One name a use, in the same order.
 * @param index the graph that the uses are of
 */
export function nameParameters(
  index: GraphIndex,
  uses: readonly NamelessUse[],
  training?: TrainingParameters,
): readonly ParameterName[] {
  const scopes = scopeNames(index, uses);
  const own = apart(
    uses.map((use, i) => ownName(use, scopes[i])),
    scopes,
  );
  if (training === undefined) return own;
  const known = uses.map((use, i) => fromList(use, own[i] as ParameterName, training.parameters));
  return fromOrder(uses, known, training);
}

/** Names as `named_parameters()` gives them: attributes with dots between. */
const DOTTED = /^[A-Za-z_][\w-]*(\.[\w-]+)+$/;
/** A γ of Keras' or TensorFlow's. */
const SLASHED = /\/gamma(:\d+)?(\/|$)/;

function ownName(use: NamelessUse, scoped: string | undefined): ParameterName {
  const { names } = use.origin;
  const dotted = names.find((name) => DOTTED.test(name));
  if (dotted !== undefined) return { name: dotted, source: "name", sure: "certain" };
  const slashed = names.find((name) => SLASHED.test(name));
  if (slashed !== undefined) return { name: slashed, source: "name", sure: "likely" };
  if (scoped !== undefined) return { name: scoped, source: "scope", sure: "likely" };
  const plain = names.find((name) => /^(weight|gamma|scale|g)$/.test(name));
  if (plain !== undefined) return { name: plain, source: "name", sure: "likely" };
  return { name: names.at(-1) ?? use.constant, source: "graph", sure: "guess" };
}

/** Class names of normalization modules. */
export const NORMALIZATION_CLASS = /\.\w*([Nn]orm|BN|RMS)\w*$/;
const LAYER_SCALE = /\.\w*Scale\w*$/;

/** Names by the modules that the nodes came from. */
function scopeNames(index: GraphIndex, uses: readonly NamelessUse[]): (string | undefined)[] {
  const normalizations = uses.map(({ normalization }) => normalization);
  return withoutCalls(index, normalizations, uses.map(scopeOf)).map((module, i) =>
    module === null ? undefined : `${module}.${normalizations[i] === undefined ? "gamma" : "weight"}`,
  );
}

function scopeOf({ origin, normalization, nodes }: NamelessUse): string | null {
  const classes = normalization === undefined ? LAYER_SCALE : NORMALIZATION_CLASS;
  for (const node of [origin.reader, ...nodes]) {
    const module = node === undefined ? null : modulePath(node, "", classes);
    if (module !== null) return module;
  }
  return null;
}

/**
 * Uses of one constant whose nodes lie in different modules: somebody merged parameters that were equal, as training starts them.
 * Each gets the name of its module.
 */
function apart(names: readonly ParameterName[], scopes: readonly (string | undefined)[]): ParameterName[] {
  return names.map((own, i) => {
    const sharing = names.flatMap(({ name }, j) => (name === own.name ? [scopes[j]] : []));
    const differ = sharing.length > 1 && new Set(sharing).size === sharing.length;
    const scope = scopes[i];
    return differ && scope !== undefined && !sharing.includes(undefined)
      ? { name: scope, source: "scope", sure: "likely" }
      : own;
  });
}

/** A name of the list by the name in the file, by equal numbers, or by the module; the same name as before where none fits. */
function fromList(use: NamelessUse, own: ParameterName, list: readonly TrainingParameter[]): ParameterName {
  const size = use.origin.tensor === undefined ? use.channels : elementCount(use.origin.tensor.dims);
  const fitting = list.filter((parameter) => sizeOf(parameter) === size);
  const only = (found: readonly TrainingParameter[]): string | undefined =>
    found.length === 1 ? found[0]?.name : undefined;
  const same = only(fitting.filter(({ name }) => name === own.name));
  if (same !== undefined)
    return { name: same, source: own.source === "scope" ? "scope" : "name", sure: "certain" };
  const equal = only(fitting.filter(({ tensor }) => areEqual(tensor, use.origin.tensor)));
  if (equal !== undefined) return { name: equal, source: "values", sure: "certain" };
  const isWithin = (a: string, b: string): boolean => a.endsWith(`.${b}`);
  const within = only(fitting.filter(({ name }) => isWithin(name, own.name) || isWithin(own.name, name)));
  if (within !== undefined && own.source !== "graph") return { name: within, source: "list", sure: "likely" };
  return own;
}

function areEqual(a: Tensor | undefined, b: Tensor | undefined): boolean {
  if (!(a?.data instanceof Uint8Array && b?.data instanceof Uint8Array) || a.dataType !== b.dataType)
    return false;
  const [left, right] = [tensorBytes(a), tensorBytes(b)];
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

const CANDIDATES = {
  normalization: /(^|\.)(weight|gamma|scale|g)$/,
  "layer-scale": /(gamma|layer_?scale|scale|ls)[\w.]*$/,
} as const;

/**
 * The rest by size and order, between what is named already. Only of lists in the code's own order; a name that fits the list is
 * never replaced.
 */
function fromOrder(
  uses: readonly NamelessUse[],
  known: readonly ParameterName[],
  { parameters, isOrdered }: TrainingParameters,
): readonly ParameterName[] {
  const listed = new Set(parameters.map(({ name }) => name));
  const result = [...known];
  for (const kind of ["normalization", "layer-scale"] as const) {
    const open = uses.flatMap(({ normalization }, i) =>
      (normalization === undefined) === (kind === "layer-scale") &&
      !listed.has((known[i] as ParameterName).name)
        ? [i]
        : [],
    );
    const taken = new Set(known.map(({ name }) => name));
    const candidates = parameters.filter(
      (p) => CANDIDATES[kind].test(p.name) && isVector(p.shape) && !taken.has(p.name),
    );
    const sizes = open.map((i) => (uses[i] as NamelessUse).channels);
    alignSizes(sizes, candidates.map(sizeOf)).forEach(({ index, isOnly }, k) => {
      const name = index === undefined ? undefined : candidates[index]?.name;
      const i = open[k] as number;
      if (name !== undefined)
        result[i] = { name, source: "order", sure: isOnly && isOrdered ? "likely" : "guess" };
    });
  }
  return result;
}
