// Which pictures an experiment trains on. Oracle: the flags' own words.
import { expect, it } from "vitest";
import { createTerminal } from "../terminal.ts";
import { openExperimentData } from "./experiment-data.ts";

const [out, err]: [string[], string[]] = [[], []];
const streams = {
  stdout: { write: (t: string) => out.push(t) },
  stderr: { write: (t: string) => err.push(t) },
};
const terminal = createTerminal({}, streams);

it("opens both splits of the set that --data names, which have no picture in common", async () => {
  const data = await openExperimentData({ data: "optotypes:size=32,count=3" }, terminal);
  expect([data?.train.count, data?.test.count]).toEqual([3, 3]);
  expect(data?.train.version).not.toBe(data?.test.version);
  expect(err).toEqual([]);
});

it("opens something without --data, and says so where it is not the usual set", async () => {
  const data = await openExperimentData({}, terminal);
  const isUsual = data?.train.name.startsWith("fashion-mnist");
  expect(data?.train.labels).toHaveLength(10);
  expect(err.join("").includes("is not installed")).toBe(!isUsual);
});

it("opens nothing with --no-train, and refuses what is no set", async () => {
  expect(await openExperimentData({ train: false, data: "none" }, terminal)).toBeUndefined();
  await expect(openExperimentData({ data: "none" }, terminal)).rejects.toMatchObject({
    code: "unknown-dataset",
  });
});
