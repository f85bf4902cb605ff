// Starts a worker thread from the TypeScript sources, where nothing was built: in tests and while developing.
// Its argument is the worker's module.
import { register } from "tsx/esm/api";

register();
export const { work } = await import(process.argv[2]);
