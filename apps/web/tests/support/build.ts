// Builds the app once before its tests.
import { join } from "node:path";
import { build } from "vite";

export async function setup(): Promise<void> {
  await build({ configFile: join(import.meta.dirname, "../../vite.config.ts"), logLevel: "error" });
}
