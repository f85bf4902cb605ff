// Flags of the commands that enlarge maps.
import { Option } from "commander";
import { upsamplingIds } from "snellen/registries";

export const upsamplingOption = new Option("--upsampling <id>", upsamplingIds.join(", ")).default("bilinear");

export const sigmaOption = new Option(
  "--sigma <width>",
  "width of Gaussian kernels: stride, a multiple of the distance between cells, pixels as 16px, or erf: measured on the images",
).default("stride");
