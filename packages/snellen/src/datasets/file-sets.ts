// The registry of data sets in files of their own format. To add one: write its file, then its line here.
import { cifar10 } from "./cifar10.ts";
import { cifar100 } from "./cifar100.ts";
import { fashionMnist } from "./fashion-mnist.ts";
import type { FileSet } from "./file-set.ts";
import { mnist } from "./mnist.ts";

export const fileSets: readonly FileSet[] = [fashionMnist, mnist, cifar10, cifar100];
