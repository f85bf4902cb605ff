// Nearest-neighbour upsampling: each cell as a block, for reading cell values off a picture.
import { resizeCells } from "./resize.ts";
import type { Upsampling } from "./upsampling.ts";

export const nearest: Upsampling = {
  id: "nearest",
  summary: "Each cell as a block.",
  conservative: false,
  build: (context) => resizeCells(context, "nearest"),
};
