// What the command line needs before it knows which command runs; nothing here may load a runtime or an image codec.
export { closest, UsageError } from "@snellen/graph";
export { VERSION } from "snellen/version";
