// Commands that are run again, on a folder that holds what they wrote. Oracle: their first run.
import { expect, it } from "vitest";
import {
  CLASSIFIER,
  failure,
  modelFile,
  pictureFile,
  snellen,
  temporaryFolder,
} from "./test-support/command-line.ts";

const at = await temporaryFolder();
const model = await modelFile(at("model.onnx"), CLASSIFIER);

it.each([
  ["cam"],
  ["concepts", "--components", "2"],
  ["erf", "--layer", "f"],
  ["deadpixels", "--perturb", "0"],
])("%s leaves out what it wrote, and gives the same again", async (command, ...flags) => {
  const photos = at(`${command}-photos`);
  // folders of classes, which the outputs' folder is not
  for (const [i, name] of ["0", "1", "2"].entries()) await pictureFile(`${photos}/${name}/a.png`, i);
  const run = () => snellen(command, model, "--images", photos, "--out", `${photos}/out`, "--json", ...flags);
  const first = await run();
  expect(first.code).toBe(0);
  const second = await run();
  expect([second.code, second.stdout]).toEqual([0, first.stdout]);
  expect(second.stderr).toMatch(/\d+ pictures? in .*out itself (are|is) left out\./);
});

it("refuses a search where all pictures lie in the output folder, and takes one that is named", async () => {
  await pictureFile(at("own", "a.png"), 1);
  expect(await failure("cam", model, "--images", at("own"), "--out", at("own"))).toMatchObject({
    code: "output-among-images",
    exitCode: 2,
  });
  const named = await snellen("cam", model, "--images", at("own", "a.png"), "--out", at("own"), "--quiet");
  expect([named.code, named.stderr]).toEqual([0, ""]);
});
