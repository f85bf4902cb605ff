// Model in, model with gradient outputs out.
import {
  createBuilder,
  type GraphBuilder,
  isFloating,
  type Model,
  type Shapes,
  UsageError,
} from "@snellen/graph";
import { backpropagate } from "./backpropagate.ts";
import { expandOnPath } from "./expand-on-path.ts";
import { findPath } from "./path.ts";
import { spreadGates } from "./spread-gates.ts";

/** What is differentiated, by what, and where the output gradients come from. */
export interface DifferentiateOptions {
  /** Values to differentiate: any floating values of the graph. */
  readonly of: readonly string[];
  /**
   * Values to differentiate by: graph inputs, initializers or intermediate values. For quantized integers and images of bytes the
   * gradient is that by the integer, were it a real number (float32).
   */
  readonly wrt: readonly string[];
  /** `input` (default): a graph input `seed_<of>` of the value's shape holds the output gradient; `ones`: a constant. */
  readonly seed?: "input" | "ones";
}

/** A model with gradient outputs, its shapes, and the names under which seeds go in and gradients come out. */
export interface Differentiated {
  readonly model: Model;
  readonly shapes: Shapes;
  /** Differentiated value → name of its seed input (empty with constant seeds). */
  readonly seeds: ReadonlyMap<string, string>;
  /** Value of `wrt` → name of the output that holds its gradient, `grad_<wrt>`. */
  readonly gradients: ReadonlyMap<string, string>;
}

/**
 * Extends a canonical model by outputs `grad_<wrt>` = Σ_of ∂(seed_of · of)/∂wrt, vector–Jacobian products in reverse mode.
 * The result holds standard operators only and can itself be differentiated.
 * @throws UsageError `unknown-value`, `not-floating`; UnsupportedError `no-gradient-rule`, `no-gradient-path`
 */
export function differentiate(model: Model, shapes: Shapes, options: DifferentiateOptions): Differentiated {
  const expanded = expandOnPath(model, shapes, options);
  const path = findPath(expanded.model.graph.nodes, { ...options, shapes: expanded.shapes });
  const ready = spreadGates(expanded.model, expanded.shapes, path.nodes);
  const b = createBuilder(ready.model, ready.shapes);
  checkValues(b, options);
  const inputs = new Map<string, string>();
  const seeds = new Map<string, string>();
  for (const value of options.of) {
    if (options.seed === "ones") {
      seeds.set(value, b.op("Expand", [b.scalar(1, value), b.op("Shape", [value])]));
    } else {
      const name = b.inputLike(`seed_${value}`, value);
      inputs.set(value, name);
      seeds.set(value, name);
    }
  }
  const found = backpropagate(b, seeds, options.wrt);
  const gradients = new Map<string, string>();
  for (const [value, gradient] of found) {
    gradients.set(value, b.output(gradient, `grad_${value}`));
  }
  return { model: b.build(), shapes: b.shapes, seeds: inputs, gradients };
}

function checkValues(b: GraphBuilder, { of, wrt }: DifferentiateOptions): void {
  const where = { where: "differentiate" };
  for (const value of [...of, ...wrt]) {
    if (b.shapes.probes[0]?.has(value) === true) continue;
    throw new UsageError("unknown-value", `the graph has no value "${value}" of known shape.`, where);
  }
  const integer = of.find((value) => !isFloating(b.dataType(value)));
  if (integer === undefined) return;
  const origin = b.producer(integer)?.inputs[0];
  throw new UsageError("not-floating", `"${integer}" holds ${b.dataType(integer)}, which has no gradient.`, {
    ...where,
    hint: `Differentiate a floating value before it${origin ? `, such as "${origin}"` : ""}.`,
  });
}
