// MNIST: 70,000 small grey pictures of handwritten digits (LeCun, Cortes, Burges 1998), and sets of ten classes under its names.
import { idxSet } from "./formats/idx-set.ts";

export const mnist = idxSet({
  id: "mnist",
  summary: "MNIST's IDX files, grey 28 × 28; other sets of ten classes in the same files",
  labels: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
});
