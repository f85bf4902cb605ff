// The line that people read, on recorded exports.
import { expect, it } from "vitest";
import { describeModel } from "../vision-model/describe.ts";
import { findPatchEmbedding } from "./find-patch-embedding.ts";
import { embeddingSummary } from "./summary.ts";
import { recordedModel } from "./test-support/recorded.ts";

const summaryOf = (file: string) => embeddingSummary(findPatchEmbedding(describeModel(recordedModel(file))));

it.each([
  [
    "timm_vit_registers.torchscript",
    '8 × 8 patches, by Conv "/patch_embed/proj/Conv", grid 4 × 4, width 48; 1 class token, 4 register tokens; E_pos: pos_embed (constant); not normalized',
  ],
  [
    "reshaped_normalized.torchscript",
    '8 × 8 patches, unfolded, by MatMul "/patches/proj/MatMul", grid 4 × 4, width 48; E_pos: positions (constant); normalized before E_pos',
  ],
  [
    "tv_vit_conv_stem.torchscript",
    '1 × 1 patches of an earlier network\'s map, by Conv "/conv_proj/conv_last/Conv", grid 4 × 4, width 48; 1 class token; E_pos: encoder.pos_embedding (constant); not normalized',
  ],
  [
    "timm_pit.torchscript",
    '4 × 4 patches (windows of 8 × 8, overlapping), by Conv "/patch_embed/conv/Conv", grid 7 × 7, width 16; 1 class token; E_pos: pos_embed (constant); not normalized',
  ],
  [
    "timm_swin.torchscript",
    "none: patches are embedded, but nothing positional is added to them: attention has biases by relative position.",
  ],
])("%s", (file, line) => {
  expect(summaryOf(file)).toBe(line);
});
