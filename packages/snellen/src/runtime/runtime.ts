// What runs graphs: ONNX Runtime behind four functions, so that the core knows neither its native nor its WebAssembly build.
// The doors `node/runtime.ts` and `web/runtime.ts` make one; `session-pool.ts` keeps its sessions few.
import type { Tensor } from "onnxruntime-common";

/** Where work is done. `webgpu` is the browser's, and an experiment in Node. */
export const devices = ["cpu", "cuda", "coreml", "dml", "webgpu"] as const;
/** A device that sessions can run on; which of them work depends on the runtime and the machine. */
export type Device = (typeof devices)[number];

/** A model as ONNX Runtime reads it: its protobuf, and where the weights lie that it only points to. */
export interface SerializedModel {
  readonly bytes: Uint8Array;
  readonly weights?: {
    /** Folder of external data (Node). */
    readonly folder?: string;
    /** External data in memory, by the location that the model names (browser). */
    readonly files?: ReadonlyMap<string, Uint8Array>;
  };
}

/** How a session runs. */
export interface SessionOptions {
  /** Default: one per physical core. */
  readonly threads?: number;
  /** Default: `cpu`. */
  readonly device?: Device;
  /** ONNX Runtime's graph optimizations; default `all`. */
  readonly optimization?: "disabled" | "basic" | "extended" | "all";
  /** Further session configuration entries, by ONNX Runtime's own keys (`session.intra_op.allow_spinning`). */
  readonly extra?: Readonly<Record<string, string>>;
}

/** Names of outputs; or with each, where its values go (null: memory of its own). */
export type Fetches = readonly string[] | Readonly<Record<string, Tensor | null>>;

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the graph; only the named outputs are computed and returned (default: all), into the tensors given for them, if any.
   * @throws SnellenError, see `runtimeError`.
   */
  readonly run: (
    feeds: Readonly<Record<string, Tensor>>,
    outputs?: Fetches,
  ) => Promise<Record<string, Tensor>>;
  /** Frees the session's memory and threads, after runs under way. */
  readonly dispose: () => Promise<void>;
}

/** What opens sessions on models: ONNX Runtime's build for Node or for browsers. */
export interface Runtime {
  /** Name and version, for reports. */
  readonly name: string;
  /** @throws SnellenError, see `runtimeError`. */
  readonly createSession: (model: SerializedModel, options?: SessionOptions) => Promise<Session>;
}

/** ONNX Runtime's own session, as far as both builds agree. */
export interface OrtSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>, fetches: Fetches): Promise<Readonly<Record<string, unknown>>>;
  release(): Promise<void>;
}

/**
 * ONNX Runtime (1.30) folds a Pad by zeros into the max-pooling behind it, which pads by −∞: another function where values are
 * negative. Session configuration without that.
 */
export const RIGHT_PADDING = { "optimization.disable_specified_optimizers": "Pad_Fusion" } as const;
