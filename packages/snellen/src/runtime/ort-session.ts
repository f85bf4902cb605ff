// One of ONNX Runtime's sessions as ours: outputs by name, runs one after another, errors that say what to do.
// Shared by both doors.
import type { Tensor } from "onnxruntime-common";
import type { Fetches, OrtSession, Session } from "./runtime.ts";
import { runtimeError } from "./runtime-error.ts";

/**
 * Wraps a session that `create` makes.
 * @param afterRun awaited behind every run
 * @throws SnellenError, see `runtimeError`.
 */
export async function wrapSession(
  create: () => Promise<OrtSession>,
  afterRun?: () => Promise<void>,
): Promise<Session> {
  const session = await create().catch((cause) => {
    throw runtimeError(cause);
  });
  // onnxruntime-web refuses a second run while one is under way, and disposing must wait for runs in both builds.
  let last: Promise<unknown> = Promise.resolve();
  const afterOthers = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  let disposed: Promise<void> | undefined;
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: (feeds, outputs: Fetches = session.outputNames) =>
      afterOthers(async () => {
        try {
          const found = (await session.run(feeds, outputs)) as Record<string, Tensor>;
          await afterRun?.();
          return found;
        } catch (cause) {
          throw runtimeError(cause);
        }
      }),
    dispose: () => (disposed ??= afterOthers(() => session.release())),
  };
}
