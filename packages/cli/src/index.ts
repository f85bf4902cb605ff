// @snellen/cli: the command line as a function.
export { run } from "./main.ts";
