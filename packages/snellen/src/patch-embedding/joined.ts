// An output of several runs, one after another in one array.
import type { Tensor } from "onnxruntime-common";

export function joined(results: readonly Readonly<Record<string, Tensor>>[], name: string): Float32Array {
  const parts = results.map((result) => result[name]?.data as Float32Array);
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
