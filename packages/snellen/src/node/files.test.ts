// Oracle: the file system itself.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { appendToFile, ensureFolder, kindOfPath, writeFileAtomic } from "./files.ts";

const root = await mkdtemp(join(tmpdir(), "snellen-files-"));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(root, "case-"));
});
afterAll(() => rm(root, { recursive: true }));

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(1, 2);
  throw new Error("the source broke");
}

describe("writeFileAtomic", () => {
  it("writes text, bytes and chunks, and replaces what was there", async () => {
    const path = join(folder, "out.bin");
    await writeFileAtomic(path, "text");
    expect(await readFile(path, "utf8")).toBe("text");
    await writeFileAtomic(path, [Uint8Array.of(1, 2), Uint8Array.of(3)]);
    expect([...(await readFile(path))]).toEqual([1, 2, 3]);
    expect(await readdir(folder)).toEqual(["out.bin"]);
  });

  it("keeps the old file and leaves nothing behind when the source fails", async () => {
    const path = join(folder, "out.bin");
    await writeFileAtomic(path, "old");
    await expect(writeFileAtomic(path, failing())).rejects.toThrow("the source broke");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["out.bin"]);
  });

  it.each([
    ["missing/out.bin", "the folder does not exist"],
    ["file/out.bin", "part of the path is a file, not a folder"],
    ["folder", "it is a folder"],
  ])("says why %s cannot be written", async (name, reason) => {
    await writeFile(join(folder, "file"), "");
    await mkdir(join(folder, "folder"));
    const path = join(folder, name);
    await expect(writeFileAtomic(path, "x")).rejects.toMatchObject({
      code: "output-not-writable",
      message: `${path}: cannot write: ${reason}. Give another --out.`,
    });
    expect((await readdir(folder)).sort()).toEqual(["file", "folder"]);
  });

  it("removes the temporary file when the process is interrupted, and lets the signal end it", async () => {
    const script = `
      import { writeFileAtomic } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, "files.ts")).href)};
      async function* slow() { yield Uint8Array.of(1); console.log("under way"); await new Promise((r) => setTimeout(r, 30000)); }
      await writeFileAtomic("slow.bin", slow());`;
    const loader = fileURLToPath(import.meta.resolve("tsx"));
    const args = [
      "--conditions=source",
      "--import",
      pathToFileURL(loader).href,
      "--input-type=module",
      "-e",
      script,
    ];
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    expect(await readdir(folder)).toHaveLength(1);
    const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    child.kill("SIGINT");
    expect(await ended).toBe("SIGINT");
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("ensureFolder", () => {
  it("makes the folders of a path and leaves them empty", async () => {
    const path = join(folder, "a", "b");
    await ensureFolder(path);
    await ensureFolder(path);
    expect(await readdir(path)).toEqual([]);
    expect([await kindOfPath(path), await kindOfPath(join(path, "c"))]).toEqual(["folder", "missing"]);
  });

  it.skipIf(process.platform !== "linux")("refuses a folder that takes none", async () => {
    await expect(ensureFolder("/proc/snellen/below")).rejects.toMatchObject({ code: "output-not-writable" });
  });

  it("refuses a path through a file", async () => {
    await writeFile(join(folder, "file"), "");
    for (const name of ["file", "file/below"]) {
      await expect(ensureFolder(join(folder, name))).rejects.toMatchObject({ code: "output-not-writable" });
    }
    expect(await kindOfPath(join(folder, "file"))).toBe("file");
  });
});

describe.skipIf(!existsSync("/dev/full"))("appendToFile", () => {
  it("says that the disk is full", async () => {
    await expect(appendToFile("/dev/full", "a line\n")).rejects.toMatchObject({
      code: "output-not-writable",
      message: expect.stringContaining("the disk is full"),
    });
  });
});
