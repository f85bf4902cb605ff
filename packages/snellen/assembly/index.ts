// Everything that the module exports. AssemblyScript.
export { averageColumns, averageRows, copyColumns } from "./boxes";
export { fromBytes, toBytes } from "./bytes";
export { quantiseBlocks } from "./jpeg-blocks";
export { toPlanes } from "./jpeg-colours";
export { fromPlanes } from "./jpeg-pixels";
export { weightedSum } from "./weighted-sum";
