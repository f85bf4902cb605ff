// Which device graphs run on: WebAssembly on the processor, or WebGPU where the browser has it and the graph runs on it.
import type { Device } from "snellen/web";
import type { Handler } from "../handler.ts";
import { threadCount } from "../threads.ts";

export interface DeviceFound {
  readonly device: Device;
  /** Why it is not the one that was asked for; null where it is. */
  readonly reason: string | null;
  /** Threads that WebAssembly may have. */
  readonly threads: number;
}

/** Falls back by itself, and says so. */
export const device: Handler<{ readonly device: Device }, DeviceFound> = async (
  { device: wanted },
  { opened },
) => {
  const threads = threadCount();
  if (wanted === "cpu") {
    opened.setDevice("cpu");
    return { device: "cpu", reason: null, threads };
  }
  const reason = (await whyNoGpu()) ?? (await tried(wanted));
  if (reason !== null) opened.setDevice("cpu");
  return { device: reason === null ? wanted : "cpu", reason, threads };

  /** One run of the network: an operator that the device lacks shows there at the latest. */
  async function tried(gpu: Device): Promise<string | null> {
    opened.setDevice(gpu);
    try {
      const { vision } = opened.model();
      const [first] = opened.images.entries;
      if (first !== undefined) await vision.predict([await first.read()]);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }
};

interface GpuNavigator {
  readonly gpu?: { requestAdapter(): Promise<object | null> };
}

async function whyNoGpu(): Promise<string | null> {
  const { gpu } = navigator as GpuNavigator;
  if (gpu === undefined) return "this browser has no WebGPU.";
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter === null ? "WebGPU finds no graphics processor here." : null;
}
