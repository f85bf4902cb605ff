// `snellen patch-embedding` as people run it, on the embedded networks. Oracle of the numbers: embedding-scale.test.ts in the library.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EMBEDDED } from "../embedded.ts";
import { failure, snellen, temporaryFolder } from "../test-support/command-line.ts";

const at = await temporaryFolder();
const [cnn, vit] = ["optotypes-cnn.onnx", "optotypes-vit.onnx"].map((name) =>
  join(EMBEDDED.folder, name),
) as [string, string];
const images = join(EMBEDDED.folder, EMBEDDED.images);

describe("snellen patch-embedding", () => {
  it("measures every factor, and writes tables and plots", async () => {
    const run = ["patch-embedding", vit, "--images", images, "--n", "12", "--out", at("out"), "--json"];
    const { code, stdout } = await snellen(...run);
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      patchEmbedding: {
        found: true,
        kind: "conv",
        patch: [8, 8],
        grid: [8, 8],
        width: 96,
        preNormalized: false,
      },
      n: 12,
      labelled: 12,
    });
    const contrast = result.rows.filter(
      ({ family }: { family: string }) => family === "contrast_enhancement",
    );
    const ratios: number[] = contrast.map(({ ratio }: { ratio: { value: number } }) => ratio.value);
    // patches follow the colours' scale, positions do not
    expect(ratios).toEqual(ratios.toSorted((a, b) => a - b));
    expect(contrast[0].cosine.value).toBe(1);
    const files = await readdir(at("out"));
    expect(files.sort()).toEqual(
      ["accuracy.svg", "cosine.svg", "patch-embedding.csv", "patch-embedding.json", "ratio.svg"].sort(),
    );
    const lines = (await readFile(at("out", "patch-embedding.csv"), "utf8")).trim().split("\n");
    expect(lines).toHaveLength(1 + result.rows.length);
  });

  it("says in a sentence why there is none", async () => {
    const { code, stdout } = await snellen("patch-embedding", cnn, "--images", images, "--out", at("none"));
    expect(code).toBe(0);
    expect(stdout).toContain("none: no convolution whose stride equals its kernel");
  });

  it("tells what was found where no images are given", async () => {
    const { stdout } = await snellen("patch-embedding", vit);
    expect(stdout).toContain(
      '8 × 8 patches, by Conv "patch_embed.proj/Conv", grid 8 × 8, width 96; 1 class token',
    );
  });

  it("leaves out what cannot be read, and refuses where nothing can be", async () => {
    await writeFile(at("broken.png"), "no picture");
    const [first] = await readdir(images, { recursive: true }).then((names) =>
      names.filter((name) => name.endsWith(".png") || name.endsWith(".jpg")),
    );
    const good = join(images, first as string);
    const mixed = await snellen(
      "patch-embedding",
      vit,
      "--images",
      good,
      at("broken.png"),
      "--out",
      at("mixed"),
    );
    expect([mixed.code, mixed.stderr]).toEqual([3, expect.stringContaining("broken.png")]);
    const error = await failure("patch-embedding", vit, "--images", at("broken.png"), "--out", at("never"));
    expect(error.exitCode).toBe(2);
  });
});
