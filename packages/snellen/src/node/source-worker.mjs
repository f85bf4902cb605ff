// Starts a worker thread from the TypeScript sources, where nothing was built: in tests and while developing.
import { register } from "tsx/esm/api";

register();
export const { work } = await import("./corruption-worker.ts");
