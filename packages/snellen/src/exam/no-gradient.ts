// Networks that cannot be differentiated: what rests on gradients has no answer then, which is no error of the program.
import { UnsupportedError } from "@snellen/graph";
import type { NoAnswer } from "./artifacts.ts";

/** What the network, not the program, is at fault for. */
const NO_GRADIENT: ReadonlySet<string> = new Set(["no-gradient-rule", "no-gradient-path"]);

/** @param what needs gradients, as the beginning of a sentence */
export async function unlessNoGradient<T>(what: string, work: () => Promise<T>): Promise<T | NoAnswer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnsupportedError && NO_GRADIENT.has(error.code))
      return { reason: `${what} need gradients: ${error.message}` };
    throw error;
  }
}
