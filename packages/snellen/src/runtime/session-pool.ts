// Keeps few sessions alive: each holds a copy of its weights' packed form and a pool of threads.
// Sessions are found by a key of the caller's; the least recently used idle one goes when there are too many.
import { InternalError } from "@snellen/graph";
import type { Runtime, SerializedModel, Session, SessionOptions } from "./runtime.ts";

export interface SessionPool {
  /**
   * Runs `work` with the session of `key`, which is made if it is not there; it lives at least until `work` ends.
   *
   * Equal keys must mean equal models and options. Calls with one key share one session, also while it is being made.
   * @throws what `make`, the runtime and `work` throw; a session that could not be made is tried again next time.
   */
  readonly use: <T>(
    key: string,
    make: () => SessionRequest | Promise<SessionRequest>,
    work: (session: Session) => Promise<T>,
  ) => Promise<T>;
  /** Keys of live sessions, least recently used first. */
  readonly keys: () => string[];
  /** Disposes the session of `key` as soon as nobody uses it. */
  readonly drop: (key: string) => Promise<void>;
  /** Disposes all sessions as soon as nobody uses them; the pool takes no more work. */
  readonly dispose: () => Promise<void>;
}

export interface SessionRequest {
  readonly model: SerializedModel;
  readonly options?: SessionOptions;
}

interface Entry {
  readonly session: Promise<Session>;
  users: number;
  /** Set when the entry left the pool; called by its last user. */
  onIdle: (() => void) | undefined;
}

/**
 * Makes a pool of at most `max` idle sessions (default 3); sessions in use are never disposed, so that there may be more
 * while more are in use at once.
 */
export function createSessionPool(runtime: Runtime, { max = 3 }: { max?: number } = {}): SessionPool {
  // A Map keeps the order of insertion; a key that is used is inserted anew, so the first is the least recently used.
  const entries = new Map<string, Entry>();
  let isDisposed = false;

  async function end(entry: Entry): Promise<void> {
    if (entry.users > 0) await new Promise<void>((resolve) => (entry.onIdle = resolve));
    await (await entry.session.catch(() => undefined))?.dispose();
  }

  async function drop(key: string): Promise<void> {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    await end(entry);
  }

  async function evict(): Promise<void> {
    for (const [key, entry] of entries) {
      if (entries.size <= max) return;
      if (entry.users === 0) await drop(key);
    }
  }

  async function create(make: Parameters<SessionPool["use"]>[1]): Promise<Session> {
    // After a turn the new entry counts, so that room is made before its session takes any.
    await Promise.resolve();
    await evict();
    const { model, options } = await make();
    return runtime.createSession(model, options);
  }

  const use: SessionPool["use"] = async (key, make, work) => {
    if (isDisposed) throw new InternalError(`session ${key} asked of a disposed pool`);
    const entry = entries.get(key) ?? { session: create(make), users: 0, onIdle: undefined };
    entry.users++;
    entries.delete(key);
    entries.set(key, entry);
    try {
      const session = await entry.session.catch((error) => {
        if (entries.get(key) === entry) entries.delete(key);
        throw error;
      });
      return await work(session);
    } finally {
      entry.users--;
      if (entry.users === 0) entry.onIdle?.();
      await evict();
    }
  };

  return {
    use,
    keys: () => [...entries.keys()],
    drop,
    dispose: async () => {
      isDisposed = true;
      await Promise.all([...entries.keys()].map(drop));
    },
  };
}
