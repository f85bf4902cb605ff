// ONNX Runtime for Node (onnxruntime-node), loaded when the first session is made.
// A model's bytes are handed over; weights that they only point to are mapped from the user's own file.
import { UnsupportedError, UsageError } from "@snellen/graph";
import type { InferenceSession, Tensor } from "onnxruntime-common";
import { wrapSession } from "../runtime/ort-session.ts";
import type {
  Device,
  Fetches,
  OrtSession,
  Runtime,
  SerializedModel,
  SessionOptions,
} from "../runtime/runtime.ts";
import { devices, RIGHT_PADDING } from "../runtime/runtime.ts";
import { physicalCores } from "./runtime-threads.ts";

type Ort = typeof import("onnxruntime-node");

/** ONNX Runtime's severity numbers. */
const SEVERITIES = { verbose: 0, info: 1, warning: 2, error: 3, fatal: 4 } as const;

/** What ONNX Runtime prints, and defaults of its sessions. */
export interface NodeRuntimeOptions {
  /** What ONNX Runtime may print on stderr; default `fatal`, as its errors reach the caller anyway. */
  readonly logLevel?: keyof typeof SEVERITIES;
  /** Defaults of every session. */
  readonly session?: SessionOptions;
}

/** Threads that spin after a run slow every other session: five in turn took 28 ms a run instead of 7 (SqueezeNet, 2 cores). */
const CONFIGURATION = {
  "session.force_spinning_stop": "1",
  ...RIGHT_PADDING,
} as const;
const WEIGHTS_FOLDER = "session.model_external_initializers_file_folder_path";

/** What a device's missing driver or library looks like in ONNX Runtime's messages. */
const DEVICE_FAILURE =
  /execution ?provider|shared library|adapter|cuda|cudnn|cublas|webgpu|d3d12|directml|coreml/i;

/** The devices of this build of ONNX Runtime. `cpu` always works; others need their driver, which only a session shows. */
export async function listDevices(): Promise<Device[]> {
  const { listSupportedBackends } = await import("onnxruntime-node");
  const names = new Set(listSupportedBackends().map(({ name }) => name));
  return devices.filter((device) => names.has(device));
}

function checkDevice(ort: Ort, device: Device): void {
  const names = ort.listSupportedBackends().map(({ name }) => name);
  if (device === "cpu" || names.includes(device)) return;
  if (!devices.includes(device)) {
    throw new UsageError("unknown-device", `unknown device "${device}".`, {
      where: "--device",
      hint: `Known: ${devices.join(", ")}.`,
    });
  }
  throw deviceMissing(device, `this build of ONNX Runtime has only ${names.join(", ")}`);
}

const deviceMissing = (device: Device, reason: string, cause?: unknown): UnsupportedError =>
  new UnsupportedError("device-not-available", `${device} cannot be used: ${reason}.`, {
    where: "--device",
    hint: "Take --device cpu, or install the device's driver and libraries.",
    cause,
  });

function ortOptions(
  { weights }: SerializedModel,
  options: SessionOptions,
  logLevel: keyof typeof SEVERITIES,
): InferenceSession.SessionOptions {
  const { threads = physicalCores(), device = "cpu", optimization = "all", extra } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new UsageError("bad-threads", `expected a whole number from 1, got ${threads}.`, {
      where: "--threads",
    });
  }
  const folder = weights?.folder === undefined ? {} : { [WEIGHTS_FOLDER]: weights.folder };
  const files = [...(weights?.files ?? [])].map(([path, data]) => ({ path, data }));
  return {
    executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: optimization,
    logSeverityLevel: SEVERITIES[logLevel],
    extra: { ...CONFIGURATION, ...folder, ...extra },
    ...(files.length > 0 ? { externalData: files } : {}),
  };
}

async function createOrtSession(
  ort: Ort,
  model: SerializedModel,
  options: InferenceSession.SessionOptions,
  device: Device,
): Promise<OrtSession> {
  try {
    return withOwnTensors(ort, await ort.InferenceSession.create(model.bytes, options));
  } catch (cause) {
    const message = (cause as Error).message;
    if (device !== "cpu" && DEVICE_FAILURE.test(message)) {
      throw deviceMissing(
        device,
        message
          .trim()
          .split("\n", 1)[0]!
          .replace(/^.*was false\. /, "")
          .replace(/\.$/, ""),
        cause,
      );
    }
    throw cause;
  }
}

/** The native build knows tensors to fill by its own class, which is another than that of the ES module. */
function withOwnTensors(ort: Ort, session: InferenceSession): OrtSession {
  const own = (tensor: Tensor | null): unknown =>
    tensor === null
      ? null
      : new ort.Tensor(tensor.type as "float32", tensor.data as Float32Array, tensor.dims);
  const run = session.run.bind(session) as unknown as OrtSession["run"];
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    release: () => session.release(),
    run: (feeds, fetches) =>
      run(
        feeds,
        isNames(fetches)
          ? fetches
          : (Object.fromEntries(
              Object.entries(fetches).map(([name, tensor]) => [name, own(tensor)]),
            ) as Fetches),
      ),
  };
}

const isNames = (fetches: Fetches): fetches is readonly string[] => Array.isArray(fetches);

/** Makes the runtime of Node. Its sessions run on the calling thread: nothing else happens in this process meanwhile. */
export function createNodeRuntime({
  logLevel = "fatal",
  session: defaults,
}: NodeRuntimeOptions = {}): Runtime {
  return {
    name: "onnxruntime-node",
    createSession: async (model, options) => {
      const ort = await import("onnxruntime-node");
      ort.env.logLevel = logLevel;
      const merged = { ...defaults, ...options };
      const device = merged.device ?? "cpu";
      checkDevice(ort, device);
      const settings = ortOptions(model, merged, logLevel);
      return wrapSession(() => createOrtSession(ort, model, settings, device));
    },
  };
}
