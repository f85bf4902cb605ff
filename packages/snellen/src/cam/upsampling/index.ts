// The registry of upsamplings.
import { findById } from "../../find-by-id.ts";
import { bilinear } from "./bilinear.ts";
import { gaussian } from "./gaussian.ts";
import { nearest } from "./nearest.ts";
import type { Upsampling } from "./upsampling.ts";

/** All ways from a layer's cells to a map of the input's size. */
export const upsamplings: readonly Upsampling[] = [bilinear, gaussian, nearest];

/**
 * The upsampling of an id.
 * @throws UsageError `unknown-upsampling`
 */
export const upsampling = (id: string): Upsampling =>
  findById(upsamplings, id, { code: "unknown-upsampling", what: "upsampling", flag: "--upsampling" });
