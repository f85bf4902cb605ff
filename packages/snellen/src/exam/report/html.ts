// The exam as one self-contained page, made from the result JSON and nothing else. All text is escaped: names of files,
// classes and graph values come from whoever made the model.
import type { AuditRow, Bars, ExamResult, ResultEvidence, Table } from "../result.ts";
import { STYLE } from "./style.ts";

/** What each verdict is called, with a sign that does not rely on colour. */
export const VERDICTS: { readonly [V in AuditRow["verdict"]]: string } = {
  good: "✓ good",
  attention: "! attention",
  problem: "✗ problem",
  informative: "i for reading",
  notApplicable: "– not applicable",
  error: "✗ error",
};

/** Escapes text for element content and quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** Only web links become links. */
const link = (url: string): string =>
  /^https?:\/\//.test(url) ? `<a href="${escapeHtml(url)}" rel="noreferrer">Learn more</a>` : escapeHtml(url);

export function examHtml(result: ExamResult): string {
  const title = `Eye exam of ${result.model.name}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="soft">${result.images.count} images from ${escapeHtml(result.images.name)}, ${escapeHtml(result.date.slice(0, 10))}, Snellen ${escapeHtml(result.snellen)}</p>
<dl>${result.model.facts.map((f) => `<dt>${escapeHtml(f.name)}</dt><dd>${escapeHtml(f.value)}</dd>`).join("")}</dl>
</header>
<nav aria-label="Audits"><ol>${result.audits.map((a) => `<li>${verdict(a)} <a href="#${escapeHtml(a.id)}">${escapeHtml(a.title)}</a></li>`).join("")}</ol></nav>
<main>
${result.audits.map(section).join("\n")}
${skipped(result)}
</main>
</body>
</html>
`;
}

const verdict = (row: AuditRow): string =>
  `<span class="verdict ${row.verdict}">${VERDICTS[row.verdict]}</span>`;

function section(row: AuditRow): string {
  const pictures = row.evidence.filter((e) => e.kind === "picture");
  const others = row.evidence.filter((e) => e.kind !== "picture");
  const gallery =
    pictures.length === 0 ? "" : `<div class="pictures">${pictures.map(evidence).join("")}</div>`;
  const remedy =
    row.remedy === undefined ? "" : `<p>What to do:</p><pre><code>${escapeHtml(row.remedy)}</code></pre>`;
  return `<section id="${escapeHtml(row.id)}">
<h2>${verdict(row)} ${escapeHtml(row.title)}</h2>
<p>${escapeHtml(row.summary)}</p>
<p class="soft">${escapeHtml(row.description)} ${link(row.learnMore)}</p>
${remedy}${gallery}${others.map(evidence).join("")}
</section>`;
}

function evidence(item: ResultEvidence): string {
  if (item.kind === "table") return table(item);
  if (item.kind === "bars") return bars(item);
  const small = item.width < 400 ? ' class="small"' : "";
  const caption = escapeHtml(item.caption);
  return `<figure><img${small} src="data:image/png;base64,${item.png.replace(/[^A-Za-z0-9+/=]/g, "")}" width="${item.width}" height="${item.height}" alt="${caption}"><figcaption>${caption}</figcaption></figure>`;
}

function table({ caption, columns, rows }: Table): string {
  const head = columns
    .map((c) => `<th scope="col">${escapeHtml(c.title)}${c.unit ? ` (${escapeHtml(c.unit)})` : ""}</th>`)
    .join("");
  const body = rows
    .map((row) => `<tr>${row.map((value, i) => cell(value, columns[i]?.digits)).join("")}</tr>`)
    .join("");
  return `<div class="scroll"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function cell(value: string | number | null, digits: number | undefined): string {
  if (typeof value === "number")
    return `<td class="number">${digits === undefined ? value : value.toFixed(digits)}</td>`;
  return `<td>${value === null ? "–" : escapeHtml(value)}</td>`;
}

const BAR = { height: 26, label: 130, value: 70, width: 640 };

/** Horizontal bars from zero to the highest value, each with its number. */
function bars({ caption, axis, bars: rows }: Bars): string {
  const highest = Math.max(...rows.map((r) => (Number.isFinite(r.value) ? r.value : 0)), Number.MIN_VALUE);
  const room = BAR.width - BAR.label - BAR.value;
  const marks = rows.map((row, i) => {
    const length = Number.isFinite(row.value) ? (room * Math.max(0, row.value)) / highest : room;
    const middle = i * BAR.height + BAR.height / 2 + 4;
    return `<text x="0" y="${middle}">${escapeHtml(row.label)}</text><rect class="bar" x="${BAR.label}" y="${i * BAR.height + 4}" width="${Math.max(1, length).toFixed(1)}" height="${BAR.height - 8}"/><text x="${(BAR.label + length + 6).toFixed(1)}" y="${middle}">${number(row.value)}</text>`;
  });
  const height = rows.length * BAR.height + 22;
  const text = escapeHtml(`${caption}: ${rows.map((r) => `${r.label} ${number(r.value)}`).join(", ")}`);
  return `<figure><svg viewBox="0 0 ${BAR.width} ${height}" role="img" aria-label="${text}">${marks.join("")}<line x1="${BAR.label}" y1="0" x2="${BAR.label}" y2="${rows.length * BAR.height}"/><text class="axis" x="${BAR.label}" y="${height - 5}">${escapeHtml(axis)}</text></svg><figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

const number = (x: number): string =>
  x !== 0 && Math.abs(x) < 0.001 ? x.toExponential(1) : String(Number(x.toPrecision(3)));

function skipped({ images }: ExamResult): string {
  if (images.skipped.length === 0) return "";
  const rows = images.skipped.map((s): (string | null)[] => [s.source, s.reason]);
  return `<section id="skipped"><h2>Images that could not be read</h2>${table({ kind: "table", caption: `${rows.length} skipped`, columns: [{ title: "image" }, { title: "reason" }], rows })}</section>`;
}
