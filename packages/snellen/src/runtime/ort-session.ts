// One of ONNX Runtime's sessions as ours: outputs by name, runs one after another, errors that say what to do.
// Shared by both doors.
import type { Tensor } from "onnxruntime-common";
import { type InTurn, inTurn } from "./in-turn.ts";
import type { Fetches, OrtSession, Session } from "./runtime.ts";
import { runtimeError } from "./runtime-error.ts";

export interface WrapOptions {
  /** Awaited behind every run. */
  readonly afterRun?: () => Promise<void>;
  /** Where calls of the runtime line up; by default only those of this session, which onnxruntime-web and disposing need. */
  readonly turns?: InTurn;
}

/**
 * Wraps a session that `create` makes.
 * @throws SnellenError, see `runtimeError`.
 */
export async function wrapSession(
  create: () => Promise<OrtSession>,
  { afterRun, turns = inTurn() }: WrapOptions = {},
): Promise<Session> {
  const session = await turns(create).catch((cause) => {
    throw runtimeError(cause);
  });
  let disposed: Promise<void> | undefined;
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: (feeds, outputs: Fetches = session.outputNames) =>
      turns(async () => {
        try {
          const found = (await session.run(feeds, outputs)) as Record<string, Tensor>;
          await afterRun?.();
          return found;
        } catch (cause) {
          throw runtimeError(cause);
        }
      }),
    dispose: () => (disposed ??= turns(() => session.release())),
  };
}
