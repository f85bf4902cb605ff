// How many threads to give ONNX Runtime: one per physical core that this process may use.
// Its own default pins threads to cores, which fails noisily in containers that hold fewer cores than the machine.
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Physical cores in the text of /proc/cpuinfo: distinct pairs of socket and core; undefined where it does not tell. */
export function coresOfCpuinfo(text: string): number | undefined {
  const cores = new Set<string>();
  for (const processor of text.split(/\n\s*\n/)) {
    const socket = /^physical id\s*:\s*(\d+)/m.exec(processor)?.[1];
    const core = /^core id\s*:\s*(\d+)/m.exec(processor)?.[1];
    if (socket !== undefined && core !== undefined) cores.add(`${socket}/${core}`);
  }
  return cores.size > 0 ? cores.size : undefined;
}

/** Cores' worth of time in the text of a control group's cpu.max ("200000 100000"); undefined without a limit. */
export function coresOfCpuMax(text: string): number | undefined {
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  return quota !== undefined && period !== undefined && quota > 0 && period > 0
    ? Math.ceil(quota / period)
    : undefined;
}

/** Physical cores that this process may use, at least 1; where nothing tells, x86 processors count as two threads a core. */
export function physicalCores(): number {
  const logical = availableParallelism();
  const assumed = process.arch === "x64" && process.platform !== "linux" ? Math.ceil(logical / 2) : logical;
  const isLinux = process.platform === "linux";
  const physical = (isLinux ? coresOfCpuinfo(readOrEmpty("/proc/cpuinfo")) : undefined) ?? assumed;
  const limit = (isLinux ? coresOfCpuMax(readOrEmpty("/sys/fs/cgroup/cpu.max")) : undefined) ?? physical;
  return Math.max(1, Math.min(logical, physical, limit));
}
