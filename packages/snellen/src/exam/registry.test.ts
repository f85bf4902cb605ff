// Oracle: the folders themselves, and the house's rules for ids.
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Audit, checkedAudits } from "./audit.ts";
import { audits, makers } from "./registry.ts";

const filesIn = (folder: string): string[] =>
  readdirSync(new URL(folder, import.meta.url))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => name.slice(0, -3));

const kebab = (id: string): string => id.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

describe("the registry", () => {
  it("lists every audit and every maker, each under the name of its file", () => {
    expect(audits.map((a) => a.id).sort()).toEqual(filesIn("audits").sort());
    const made = Object.entries(makers).map(([key, { id }]) => [key, id]);
    for (const [key, id] of made) expect(id).toBe(key);
    expect(made.map(([key]) => kebab(key as string)).sort()).toEqual(
      [...filesIn("gatherers"), ...filesIn("computed")].sort(),
    );
  });

  it("has a maker for all that is needed, without circles", () => {
    const order: string[] = [];
    const visit = (id: string, path: readonly string[]): void => {
      expect(path).not.toContain(id);
      if (order.includes(id)) return;
      for (const need of makers[id as keyof typeof makers].needs) visit(need, [...path, id]);
      order.push(id);
    };
    for (const { needs } of audits) for (const need of needs) visit(need, []);
    expect(order).toContain("facts");
  });
});

describe("what verdicts mean in words", () => {
  const sentences = audits.flatMap(({ id, inWords }) =>
    Object.entries(inWords).map(([verdict, words]) => ({ id, verdict, words })),
  );
  /** What someone who deployed a network need not know. */
  const JARGON =
    /gradient|receptive|field|feature|logit|tensor|kernel|stride|conv|embedding|sigma|gaussian|isometry|\bR\b|\bCAM\b|regulari[sz]|saliency|attribution|spectr|conservat/i;

  it.each(sentences)("$id, $verdict: is a sentence without numbers or jargon", ({ words }) => {
    expect(words).toMatch(/^[A-Z].*\.$/);
    expect(words).not.toMatch(/\d|%/);
    expect(words).not.toMatch(JARGON);
    expect(words.length).toBeLessThan(200);
  });

  it("are different for each verdict", () => {
    for (const { inWords } of audits) {
      const all = Object.values(inWords);
      expect(all.length).toBeGreaterThan(1);
      expect(new Set(all).size).toBe(all.length);
    }
  });
});

describe("checkedAudits", () => {
  const [good] = audits as [Audit];
  it.each([
    [{ title: " " }, 'internal: audit "reading" has no title'],
    [{ inWords: { good: " " } }, 'internal: audit "reading" has no words for the verdict "good"'],
    [{ description: "" }, 'internal: audit "reading" has no description'],
    [{ id: "No_Ids" }, 'internal: audit "No_Ids" needs an id of lower-case words'],
    [{ failureTitle: good.title }, 'internal: audit "reading" has the same title'],
    [{ learnMore: "paper" }, 'internal: audit "reading" has no link'],
  ])("refuses %j", (changes, message) => {
    expect(() => checkedAudits([{ ...good, ...changes }])).toThrow(message);
  });

  it("refuses an id that is taken", () => {
    expect(() => checkedAudits([good, good])).toThrow('internal: audit "reading" is listed twice');
  });
});
