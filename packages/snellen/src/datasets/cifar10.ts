// CIFAR-10: 60,000 small photographs of ten things (Krizhevsky 2009), in its binary version.
import { cifarSet } from "./formats/cifar.ts";

export const cifar10 = cifarSet({
  id: "cifar10",
  summary: "CIFAR-10's binary files, colour 32 × 32",
  subfolders: ["cifar-10-batches-bin"],
  batches: {
    train: [1, 2, 3, 4, 5].map((part) => `data_batch_${part}.bin`),
    test: ["test_batch.bin"],
  },
  classBytes: 1,
  names: "batches.meta.txt",
  labels: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
});
