// What the address asks for: `?given` stands for the files that `snellen view` serves; `?example=optotypes-cnn.onnx` for an embedded
// network.
import type { GivenFile } from "snellen/web";
import { problem } from "./problem.ts";
import { openExample, opening } from "./session.ts";
import { takeFiles } from "./take-files.ts";

export async function openGiven(): Promise<void> {
  const query = new URLSearchParams(location.search);
  const example = query.get("example");
  if (example !== null) return openExample(example);
  if (!query.has("given")) return;
  try {
    opening.value = { name: "what was given", step: "fetching", done: 0 };
    const paths = (await (await fetched("index.json")).json()) as string[];
    await takeFiles(await inParts(paths, givenFile));
  } catch (error) {
    const what = (error as Error).message;
    const hint = "Start snellen view again, or drop the files here.";
    const failure = { code: "not-fetched", what, where: null, hint, isOurs: false };
    problem.value = { title: "What was given could not be fetched", failure };
  } finally {
    opening.value = null;
  }
}

/** Requests at a time. */
const AT_ONCE = 8;

async function inParts<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
  const found: U[] = [];
  for (let i = 0; i < items.length; i += AT_ONCE) {
    found.push(...(await Promise.all(items.slice(i, i + AT_ONCE).map(work))));
    opening.value = { name: "what was given", step: "fetching", done: found.length / items.length };
  }
  return found;
}

async function fetched(path: string): Promise<Response> {
  const response = await fetch(`given/${path.split("/").map(encodeURIComponent).join("/")}`);
  if (!response.ok) throw new Error(`the server answered ${response.status} for ${path}.`);
  return response;
}

async function givenFile(path: string): Promise<GivenFile> {
  const name = path.split("/").at(-1) as string;
  return { file: new File([await (await fetched(path)).blob()], name), path };
}
