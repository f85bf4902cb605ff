// From flags to the model file of an untrained network, and the list of networks and their options.
import { readFile } from "node:fs/promises";
import { elementCount, UsageError } from "@snellen/graph";
import { commonOptions, type NetworkOption, network, networks, parseLabels, readOptions } from "snellen";
import { writeModelFile } from "snellen/node";
import type { NetworkFlags } from "../commands/network.ts";
import { required } from "../open.ts";
import { tableText } from "../tables.ts";
import { EXIT, type Terminal } from "../terminal.ts";

/** @throws UsageError `unknown-network`, `bad-set`, `missing-flag`, and what building and writing throw */
export async function writeNetwork(id: string, flags: NetworkFlags, terminal: Terminal): Promise<number> {
  const definition = network(id);
  const options = await readFlags(definition.options, flags);
  const out = required(flags.out, "out", `${id}.onnx`);
  const model = definition.build(options, flags.seed);
  const files = await writeModelFile(out, model);
  // kept statistics are not trained, and integers are sizes
  const trained = [...model.graph.initializers].filter(
    ([name, { dataType }]) => dataType === "float32" && !/\.running_(mean|var)$/.test(name),
  );
  const parameters = trained.reduce((sum, [, { dims }]) => sum + elementCount(dims), 0);
  terminal.result(
    { files, network: id, seed: flags.seed, options, parameters },
    () =>
      `${files.join(" and ")}: ${definition.title}, ${parameters.toLocaleString("en")} parameters, untrained`,
  );
  return EXIT.done;
}

/** Flags that are options under another name. */
const SHORT = { classes: "classes", size: "size", channels: "channelsIn" } as const satisfies Readonly<
  Record<string, keyof NetworkFlags>
>;

async function readFlags(
  table: Parameters<typeof readOptions>[0],
  flags: NetworkFlags,
): Promise<Record<string, unknown>> {
  const texts: Record<string, string> = {};
  const add = (name: string, text: string | undefined): void => {
    if (text === undefined) return;
    if (name in texts) throw badSet(name, "it is given twice.", "Give each option once.");
    texts[name] = text;
  };
  for (const [name, flag] of Object.entries(SHORT)) add(name, flags[flag]);
  for (const text of flags.set ?? []) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined)
      throw badSet(text, "expected key=value.", `Write --set ${Object.keys(table).at(-1)}=value.`);
    add(name, value);
  }
  if (flags.labels === undefined) return readOptions(table, texts);
  if ("classes" in texts)
    throw badSet("classes", "--labels has their number.", "Leave one of --labels and --classes out.");
  return { ...readOptions(table, texts), classes: await readLabels(flags.labels) };
}

const badSet = (what: string, reason: string, hint: string): UsageError =>
  new UsageError("bad-set", reason, { where: `--set ${what}`, hint });

async function readLabels(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new UsageError("unreadable-file", "cannot be read.", {
      where: path,
      hint: "Check --labels.",
      cause,
    });
  });
  return parseLabels(text, path);
}

/** Prints every network with its options. */
export function listNetworks(flags: NetworkFlags, terminal: Terminal): number {
  for (const flag of ["out", "labels", "classes", "size", "set"] as const)
    if (flags[flag] !== undefined) terminal.warn(`--${flag} was not used: no network is named.`);
  const rows = (options: Readonly<Record<string, NetworkOption<unknown>>>) =>
    Object.entries(options).map(([name, { summary, takes, initial }]) => ({
      name,
      default: initial,
      takes,
      summary,
    }));
  const isCommon = (name: string): boolean => name in commonOptions;
  const listed = networks.map(({ id, title, options }) => ({
    id,
    title,
    options: rows(options).filter(({ name }) => !isCommon(name)),
  }));
  const common = rows(commonOptions);
  terminal.result({ networks: listed, common }, () =>
    [
      ...listed.map(({ id, title, options }) => `${id}: ${title}\n${optionsTable(options)}`),
      `all\n${optionsTable(common)}`,
    ].join("\n\n"),
  );
  return EXIT.done;
}

type OptionRow = {
  readonly name: string;
  readonly default: unknown;
  readonly takes: string;
  readonly summary: string;
};

const WIDTHS = [16, 20, 34, 60];

const optionsTable = (rows: readonly OptionRow[]): string =>
  tableText(
    ["option", "default", "takes", "what it does"],
    rows.map((row) => [row.name, [row.default].flat().join(","), row.takes, row.summary]),
    { widths: WIDTHS },
  );
