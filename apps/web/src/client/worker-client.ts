// The page's side of a worker: calls as promises with progress, stopped by a signal, and the end of the worker.
import type {
  ArgsOf,
  Failure,
  FromWorker,
  Method,
  ProgressOf,
  ResultOf,
  ToWorker,
} from "../worker/protocol.ts";

/** An error from the worker, or of the worker. */
export class WorkerFailure extends Error {
  override readonly name = "WorkerFailure";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.what);
    this.failure = failure;
  }
}

export interface CallOptions<M extends Method> {
  readonly signal?: AbortSignal;
  readonly onProgress?: (value: ProgressOf<M>) => void;
  /** Told what bears on the result. */
  readonly onNote?: (text: string) => void;
}

export interface WorkerClient {
  /** @throws WorkerFailure, `stopped` where the signal was aborted */
  call<M extends Method>(method: M, args: ArgsOf<M>, options?: CallOptions<M>): Promise<ResultOf<M>>;
  /** Gives all memory back; calls under way fail as stopped. */
  end(): void;
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: WorkerFailure) => void;
  readonly onProgress: ((value: never) => void) | undefined;
  readonly onNote: ((text: string) => void) | undefined;
}

const failure = (code: string, what: string, hint: string | null): WorkerFailure =>
  new WorkerFailure({ code, what, where: null, hint, isOurs: code === "worker-ended" });

const stopped = (): WorkerFailure => failure("stopped", "Stopped.", null);

export function startWorker(): WorkerClient {
  const worker = new Worker(new URL("../worker/worker.ts", import.meta.url), { type: "module" });
  const pending = new Map<number, Pending>();
  let last = 0;
  /** Set once nothing can be hoped for from this worker. */
  let broken: WorkerFailure | undefined;
  const failAll = (error: WorkerFailure): void => {
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    const call = pending.get(data.id);
    if (call === undefined) return;
    if (data.type === "progress") return call.onProgress?.(data.value as never);
    if (data.type === "note") return call.onNote?.(data.text);
    pending.delete(data.id);
    if (data.type === "done") call.resolve(data.value as never);
    else call.reject(new WorkerFailure(data.failure));
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    broken = failure(
      "worker-ended",
      event.message || "the part of the page that runs models could not start.",
      "Reload the page, and open the model again.",
    );
    failAll(broken);
  });
  const send = (message: ToWorker): void => worker.postMessage(message);
  return {
    call: (method, args, { signal, onProgress, onNote } = {}) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(stopped());
        if (broken !== undefined) return reject(broken);
        const id = ++last;
        pending.set(id, { resolve, reject, onProgress, onNote });
        signal?.addEventListener("abort", () => send({ type: "stop", id }), { once: true });
        send({ type: "call", id, method, args });
      }),
    end: () => {
      worker.terminate();
      broken = stopped();
      failAll(broken);
    },
  };
}
