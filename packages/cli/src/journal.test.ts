// Which journals are gone on from. Oracle: the lines of the file.
import { readFile, writeFile } from "node:fs/promises";
import { VERSION } from "snellen";
import { expect, it } from "vitest";
import { openJournal } from "./journal.ts";
import { temporaryFolder } from "./test-support/command-line.ts";

const at = await temporaryFolder();
const SETTINGS = { seed: 1 };

it("goes on from one of equal settings and this version of Snellen, and keeps others as .old", async () => {
  const path = at("journal.jsonl");
  const { add } = await openJournal<number>(path, SETTINGS, false);
  await add(5);
  expect((await openJournal<number>(path, SETTINGS, true)).earlier).toEqual([5]);
  for (const head of [SETTINGS, { snellen: "0.0.1", ...SETTINGS }, { snellen: VERSION, seed: 2 }]) {
    const text = `${JSON.stringify(head)}\n5\n`;
    await writeFile(path, text);
    expect((await openJournal<number>(path, SETTINGS, true)).earlier).toBe(undefined);
    expect(await readFile(`${path}.old`, "utf8")).toBe(text);
  }
});
