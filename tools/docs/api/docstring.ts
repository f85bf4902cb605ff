// What a docstring says: its text, its parameters, what it returns and throws.

export interface Docstring {
  /** Markdown; "" where there is none. */
  readonly text: string;
  readonly parameters: readonly { readonly name: string; readonly text: string }[];
  readonly returns: string | undefined;
  readonly throws: readonly string[];
}

/** The text of a block comment's inside, without the stars; "" where it is no docstring. */
export function docstringOf(comment: string): string {
  if (!comment.startsWith("*")) return "";
  return comment
    .slice(1)
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
    .join("\n")
    .trim();
}

/** Splits at the tags; a tag ends where the next begins, also within a line. */
export function parseDocstring(docstring: string): Docstring {
  // the space in front lets a docstring begin with a tag
  const [text = "", ...tags] = ` ${docstring}`.split(/(?<=\s)(?=@(?:param|returns|throws)\b)/);
  const parameters: { name: string; text: string }[] = [];
  const throws: string[] = [];
  let returns: string | undefined;
  for (const tag of tags) {
    const [, kind, rest = ""] = /^@(\w+)\s*([\s\S]*)$/.exec(tag) ?? [];
    const said = paragraphs(rest);
    if (kind === "throws") throws.push(said);
    else if (kind === "returns") returns = said;
    else {
      const [, name = "", what = ""] = /^(\S+)\s*(?:- )?([\s\S]*)$/.exec(said) ?? [];
      parameters.push({ name, text: what });
    }
  }
  return { text: paragraphs(text), parameters, returns, throws };
}

/** Lines that were broken for width joined again; paragraphs, lists and code stay. */
const paragraphs = (text: string): string =>
  text
    .trim()
    .split(/\n\s*\n/)
    .map((block) => (/^(```| {4}|[-*] |\d+\. )/m.test(block) ? block : block.replace(/\s*\n\s*/g, " ")))
    .join("\n\n");
