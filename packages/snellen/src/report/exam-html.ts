// The exam as one self-contained page, made from the result JSON and nothing else. All text is escaped: names of files,
// classes and graph values come from whoever made the model.
import type { AuditRow, ExamResult } from "../exam/result.ts";
import { escapeHtml, evidenceList, link, page, table } from "./evidence-html.ts";

/** What each verdict is called, with a sign that does not rely on colour. */
export const VERDICTS: { readonly [V in AuditRow["verdict"]]: string } = {
  good: "✓ good",
  attention: "! attention",
  problem: "✗ problem",
  informative: "i for reading",
  notApplicable: "– not applicable",
  error: "✗ error",
};

/** One self-contained page; texts of the result may hold anything. */
export async function examHtml(result: ExamResult): Promise<string> {
  const title = `Eye exam of ${result.model.name}`;
  const sections = await Promise.all(result.audits.map(section));
  return page(
    title,
    `<header>
<h1>${escapeHtml(title)}</h1>
<p class="soft">${result.images.count} images from ${escapeHtml(result.images.name)}, ${escapeHtml(result.date.slice(0, 10))}, Snellen ${escapeHtml(result.snellen)}</p>
<dl>${result.model.facts.map((f) => `<dt>${escapeHtml(f.name)}</dt><dd>${escapeHtml(f.value)}</dd>`).join("")}</dl>
</header>
<nav aria-label="Audits"><ol>${result.audits.map((a) => `<li>${verdict(a)} <a href="#${escapeHtml(a.id)}">${escapeHtml(a.title)}</a></li>`).join("")}</ol></nav>
<main>
${sections.join("\n")}
${skipped(result)}
</main>`,
  );
}

const verdict = (row: AuditRow): string =>
  `<span class="verdict ${row.verdict}">${VERDICTS[row.verdict]}</span>`;

async function section(row: AuditRow): Promise<string> {
  const remedy =
    row.remedy === undefined ? "" : `<p>What to do:</p><pre><code>${escapeHtml(row.remedy)}</code></pre>`;
  return `<section id="${escapeHtml(row.id)}">
<h2>${verdict(row)} ${escapeHtml(row.title)}</h2>
<p>${escapeHtml(row.summary)}</p>
<p class="soft">${escapeHtml(row.description)} ${link(row.learnMore)}</p>
${remedy}${await evidenceList(row.evidence)}
</section>`;
}

function skipped({ images }: ExamResult): string {
  if (images.skipped.length === 0) return "";
  const rows = images.skipped.map((s): (string | null)[] => [s.source, s.reason]);
  return `<section id="skipped"><h2>Images that could not be read</h2>${table({ kind: "table", caption: `${rows.length} skipped`, columns: [{ title: "image" }, { title: "reason" }], rows })}</section>`;
}
