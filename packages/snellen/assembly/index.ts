// Everything that the module exports. AssemblyScript.
export { fromBytes, toBytes } from "./bytes";
export { weightedSum } from "./weighted-sum";
