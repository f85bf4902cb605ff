// Fashion-MNIST: 70,000 small grey pictures of clothes (Xiao, Rasul, Vollgraf, arXiv:1708.07747), which Debian packages.
import { idxSet } from "./formats/idx-set.ts";

export const fashionMnist = idxSet({
  id: "fashion-mnist",
  summary: "Fashion-MNIST's IDX files, grey 28 × 28",
  packaged: { folder: "/usr/share/datasets/fashion-mnist", package: "dataset-fashion-mnist" },
  labels: [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
  ],
});
