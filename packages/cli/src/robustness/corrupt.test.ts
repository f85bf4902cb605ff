// `snellen corrupt` as people run it. Oracle: the library's own function for one picture, file by file.
import { copyFile, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { corrupt, corruption, type Image, type Severity } from "snellen";
import { decodeImage } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import { failure, pictureFile, snellen, temporaryFolder } from "../test-support/command-line.ts";

const at = await temporaryFolder();

beforeAll(async () => {
  for (const name of ["a", "b"]) await pictureFile(at("photos", `${name}.png`), name.charCodeAt(0), 48, 40);
});

const args = (out: string, ...flags: string[]) => [
  "corrupt",
  at("photos"),
  "--out",
  at(out),
  "--corruptions",
  "impulse_noise,contrast",
  "--severity",
  "1,3-4",
  "--workers",
  "0",
  ...flags,
];

describe("snellen corrupt", () => {
  it("writes what the library makes of each picture, a sheet, and a list of everything", async () => {
    const { code, stdout } = await snellen(...args("out", "--seed", "5", "--json"));
    expect(code).toBe(0);
    const files = await readdir(at("out"));
    const severities = ["1", "3", "4"];
    const expected = ["a", "b"].flatMap((stem) =>
      ["contrast", "impulse_noise"].flatMap((id) => severities.map((s) => `${stem}__${id}__${s}.png`)),
    );
    expect(files.sort()).toEqual([...expected, "corruptions.json", "sheet__a.png"].sort());
    for (const file of expected) {
      const [stem, id = "", severity] = file.replace(".png", "").split("__");
      const clean = (await decodeImage(at("photos", `${stem}.png`))) as Image;
      const made = corrupt(clean, corruption(id), { severity: Number(severity) as Severity, seed: 5 });
      expect((await decodeImage(at("out", file))).data, file).toEqual(made.data);
    }
    expect(JSON.parse(stdout)).toMatchObject({
      seed: 5,
      corruptions: ["impulse_noise", "contrast"],
      severities: [1, 3, 4],
      images: [{ stem: "a" }, { stem: "b" }],
      sheets: ["sheet__a.png"],
    });
  });

  it("gives the same files on two threads", async () => {
    await snellen(...args("one"));
    await snellen(...args("two", "--workers", "2"));
    for (const file of await readdir(at("one")))
      expect((await readFile(at("two", file))).equals(await readFile(at("one", file))), file).toBe(true);
  });

  it("goes on with --resume where files lack, but not with other settings", async () => {
    await snellen(...args("again"));
    const kept = at("again", "b__contrast__3.png");
    await writeFile(kept, "kept as it is");
    await rm(at("again", "b__contrast__4.png"));
    await snellen(...args("again", "--resume"));
    expect(await readFile(kept, "utf8")).toBe("kept as it is");
    expect((await stat(at("again", "b__contrast__4.png"))).isFile()).toBe(true);
    const { stderr } = await snellen(...args("again", "--resume", "--seed", "1"));
    expect(stderr).toContain("nothing in");
    expect(await readFile(kept, "utf8")).not.toBe("kept as it is");
  });

  it("with --resume makes anew what is of another picture, of a changed one, or of corruptions not made before", async () => {
    const [first, second] = [at("A", "x.png"), at("B", "x.png")];
    await pictureFile(first, 3, 48, 40);
    await pictureFile(second, 4, 48, 40);
    const run = (picture: string, corruptions: string) =>
      snellen(
        ...["corrupt", picture, "--out", at("mix"), "--severity", "3", "--workers", "0", "--resume"],
        ...["--corruptions", corruptions],
      );
    const expectMadeOf = async (picture: string, id: string) => {
      const made = corrupt((await decodeImage(picture)) as Image, corruption(id), { severity: 3, seed: 0 });
      expect((await decodeImage(at("mix", `x__${id}__3.png`))).data).toEqual(made.data);
    };
    const manifest = async () => JSON.parse(await readFile(at("mix", "corruptions.json"), "utf8"));
    await run(first, "contrast,brightness");
    const { stderr } = await run(second, "contrast");
    expect(stderr).toContain("1 of 1 pictures are new or changed");
    await expectMadeOf(second, "contrast");
    expect((await manifest()).images).toMatchObject([{ source: second, stem: "x", file: { path: second } }]);
    // brightness is still of the first picture there, and the manifest does not know it
    await expectMadeOf(first, "brightness");
    await run(second, "contrast,brightness");
    await expectMadeOf(second, "brightness");
    await writeFile(at("mix", "x__contrast__3.png"), "kept as it is");
    await run(second, "contrast,brightness");
    expect(await readFile(at("mix", "x__contrast__3.png"), "utf8")).toBe("kept as it is");
    await utimes(second, 1, 1);
    await run(second, "contrast,brightness");
    await expectMadeOf(second, "contrast");
  });

  it("removes what it would not keep before it starts, so that a run that stops leaves nothing of another picture", async () => {
    await snellen(...args("stopped"));
    await pictureFile(at("other", "b.png"), 1, 20, 20);
    const other = args("stopped").map((arg) => (arg === at("photos") ? at("other") : arg));
    expect((await failure(...other)).code).toBe("no-readable-image");
    expect((await readdir(at("stopped"))).filter((name) => name.startsWith("b__"))).toEqual([]);
    const manifest = JSON.parse(await readFile(at("stopped", "corruptions.json"), "utf8"));
    expect(manifest).toMatchObject({
      corruptions: ["impulse_noise", "contrast"],
      images: [{ source: at("other", "b.png") }],
    });
    // of pictures that are not among its own it removes nothing
    expect((await readdir(at("stopped"))).filter((name) => name.startsWith("a__"))).toHaveLength(6);
  });

  it("leaves out what is too small or no picture, and ends with 3", async () => {
    await pictureFile(at("mixed", "tiny.png"), 1, 20, 40);
    await pictureFile(at("mixed", "fine.png"), 1, 40, 40);
    await writeFile(at("mixed", "broken.jpg"), "no picture");
    const { code, stderr } = await snellen(
      ...args("mixed-out").map((arg) => (arg === at("photos") ? at("mixed") : arg)),
    );
    expect(code).toBe(3);
    expect(stderr.match(/skipped/g)).toHaveLength(2);
    expect(stderr).toMatch(/tiny\.png: 20 × 40 pixels are too small/);
  });

  it("takes photographs of frost", async () => {
    await pictureFile(at("frost", "window.png"), 9, 90, 80);
    const frosty = (out: string, ...flags: string[]) =>
      snellen(...args(out, "--corruptions", "frost", "--severity", "5", ...flags));
    await frosty("drawn");
    await frosty("taken", "--frost-textures", at("frost"));
    const other = await pictureFile(at("frost-2", "window.png"), 8, 90, 80);
    await frosty("threads", "--frost-textures", at("frost"), "--workers", "1");
    const pixels = async (out: string) => (await decodeImage(at(out, "a__frost__5.png"))).data;
    expect(await pixels("taken")).not.toEqual(await pixels("drawn"));
    expect(await pixels("threads")).toEqual(await pixels("taken"));
    // another photograph under the same path
    await copyFile(other, at("frost", "window.png"));
    const { stderr } = await frosty("taken", "--frost-textures", at("frost"), "--resume");
    expect(stderr).toContain("nothing in");
    expect(await pixels("taken")).not.toEqual(await pixels("threads"));
  });

  it("does not corrupt what it wrote, nor pictures of its own output folder", async () => {
    await pictureFile(at("nested", "one.png"), 3, 40, 40);
    const nested = () =>
      snellen(...args("nested/out").map((arg) => (arg === at("photos") ? at("nested") : arg)), "--json");
    await nested();
    const { stdout, stderr } = await nested();
    expect(JSON.parse(stdout).images).toHaveLength(1);
    expect(stderr).toContain("are left out");
    const own = await failure("corrupt", at("photos"), "--out", at("photos"));
    expect(own.code).toBe("output-among-images");
  });

  it("refuses corruptions, severities and pictures that there are not", async () => {
    const refused = async (...flags: string[]) => (await failure(...args("never", ...flags))).code;
    expect(await refused("--corruptions", "fogg")).toBe("unknown-corruption");
    expect(await refused("--severity", "4-2")).toBe("bad-severity");
    expect(await refused("--seed", "4294967296")).toBe("bad-seed");
    expect(await refused("--frost-textures", at("nowhere"))).toBe("image-not-found");
    expect((await failure("corrupt", at("nothing.png"), "--out", at("never"))).code).toBe("image-not-found");
  });
});
