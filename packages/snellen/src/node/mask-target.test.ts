// Oracle: the picture that was written, cell by cell.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { DENSE } from "../cam/targets/test-support/finite-cells.ts";
import { openTextModel } from "../vision-model/test-support/text-model.ts";
import { readMaskTarget, readTargets } from "./mask-target.ts";
import { encodePng } from "./png.ts";

const folder = await mkdtemp(join(tmpdir(), "snellen-mask-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
const { info } = openTextModel(DENSE, { labels: ["road", "sky", "tree"] });

it("reads masks of any colour, and leaves everything else as it is", async () => {
  const file = join(folder, "mask@2x.png");
  // 4 x 6 cells: the third row, but for its last two pixels; one colour each
  const data = new Uint8Array(72);
  [0, 1, 2, 3].forEach((column) => {
    data[3 * (12 + column) + (column % 3)] = 1;
  });
  await writeFile(file, await encodePng({ width: 6, height: 4, data }));
  const [mask, ...others] = await readTargets(info, [`mask:sky@${file}`, "mask:sky", "top1", "input"]);
  expect(others).toEqual(["mask:sky", "top1", "input"]);
  expect(mask).toMatchObject({ name: `mask:sky@${file}` });
  const cells = Array.from({ length: 24 }, (_, i) => (i >= 12 && i < 16 ? 1 : 0));
  expect((mask as { feed: (image: object) => unknown }).feed({ source: "a.png" })).toEqual([[1], cells]);
  expect(readMaskTarget(info, "road")).toBeUndefined();
});

it("says which file is missing", async () => {
  await expect(readTargets(info, ["mask:sky@nowhere.png"])).rejects.toMatchObject({
    code: "image-not-found",
    message: "nowhere.png: there is no such file.",
  });
});
