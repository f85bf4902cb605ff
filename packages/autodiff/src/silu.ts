// The gradient of x·σ(x) (SiLU, Swish) in four element-wise steps; the product's and the sigmoid's own rules take six.
// Exporters write it as Mul and Sigmoid (Elfwing, Uchibe & Doya 2017; Ramachandran, Zoph & Le 2017).
import { affine } from "./blocked.ts";
import { add, mul } from "./emit.ts";
import type { InputGradient, RuleContext } from "./rule.ts";

/**
 * Gradients of a Mul that is y = x·s, s = σ(x): all of it by x, dx = dy · (s + y·(1 − s)), nothing by s.
 * @returns undefined for other products, and when the gradient by s itself is asked for
 */
export function siluGradient(context: RuleContext): InputGradient[] | undefined {
  const { b, x, y, needs, isTarget } = context;
  const gate = x.findIndex((name, i) => {
    const producer = b.producer(name);
    return producer?.opType === "Sigmoid" && producer.inputs[0] === x[1 - i];
  });
  if (gate < 0 || !needs(1 - gate) || isTarget(gate)) return undefined;
  const s = x[gate] as string;
  const dx = mul(b, context.dy, add(b, s, mul(b, y[0] as string, affine(b, s, -1, 1))));
  return gate === 0 ? [null, dx] : [dx, null];
}
