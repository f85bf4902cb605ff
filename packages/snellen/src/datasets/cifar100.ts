// CIFAR-100: 60,000 small photographs of a hundred things (Krizhevsky 2009), in its binary version, by its fine classes.
import { cifarSet } from "./formats/cifar.ts";

export const cifar100 = cifarSet({
  id: "cifar100",
  summary: "CIFAR-100's binary files, colour 32 × 32, fine classes",
  subfolders: ["cifar-100-binary"],
  batches: { train: ["train.bin"], test: ["test.bin"] },
  classBytes: 2,
  names: "fine_label_names.txt",
});
