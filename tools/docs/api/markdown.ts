// Pieces of Markdown: headings' anchors as GitHub makes them, tables, text that must not be taken for markup.

/** Names a heading's anchor; the second of one name on a page gets -1, the third -2. One of these for each page. */
export function createAnchors(): (heading: string) => string {
  const taken = new Map<string, number>();
  return (heading) => {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
      .replaceAll(" ", "-");
    const count = taken.get(anchor) ?? 0;
    taken.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  };
}

/** Text of a docstring outside of its code: angle brackets are no tags, brackets no links. */
export const prose = (text: string): string =>
  text
    .split(/(```[\s\S]*?```|`[^`\n]*`)/)
    .map((part, i) =>
      i % 2 === 1
        ? part
        : part
            .replace(/\{@link ([^}|]+?)(?:\s*\|[^}]*)?\}/g, "`$1`")
            .replaceAll("<", "&lt;")
            .replace(/\[(?=[^\]]*\]\()/g, "\\[")
            .replace(/(?<!\\)\*/g, "\\*"),
    )
    .join("");

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows]
    .map(
      (row) =>
        `| ${row.map((cell) => cell.replaceAll("\n", " ").replace(/(?<!\\)\|/g, "\\|")).join(" | ")} |`,
    )
    .join("\n");

/** Up to the first full stop that ends a sentence: an author's "et al." does not. */
export const firstSentence = (text: string): string =>
  /^[\s\S]*?(?<!et al|eq|vs|e\.g|i\.e)\.(?=\s|$)/.exec(text.split("\n\n")[0] ?? "")?.[0] ?? text;
