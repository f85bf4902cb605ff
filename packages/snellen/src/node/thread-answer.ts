// What a thread answers: an error that leaves a thread by itself has lost its class and code.
import { ImageError, UsageError } from "@snellen/graph";

/** What was made, or why the pictures or the order were refused. */
export type ThreadAnswer<T> =
  | { readonly made: T }
  | { readonly refusal: Pick<ImageError | UsageError, "name" | "code" | "what" | "where" | "hint"> };

/** In the thread. */
export async function answerOf<T>(work: () => Promise<T>): Promise<ThreadAnswer<T>> {
  try {
    return { made: await work() };
  } catch (error) {
    if (!(error instanceof ImageError || error instanceof UsageError)) throw error;
    const { name, code, what, where, hint } = error;
    return { refusal: { name, code, what, where, hint } };
  }
}

/** Where the thread was asked: what it made, or the error thrown here. */
export function madeOf<T>(answer: ThreadAnswer<T>): T {
  if ("made" in answer) return answer.made;
  const { name, code, what, where, hint } = answer.refusal;
  throw new { ImageError, UsageError }[name](code, what, { where, hint });
}
