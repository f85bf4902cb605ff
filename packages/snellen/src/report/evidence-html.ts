// Evidence as HTML: tables, bars with intervals, pictures, plots; and the page around it, which fetches nothing. All text is escaped:
// names of files, classes and graph values come from whoever made the model.
import type { Bars, Plot, ResultEvidence, Table } from "../exam/result.ts";
import { shortNumber } from "./number.ts";
import { plotDescription, plotSvg } from "./plot.ts";
import { STYLE } from "./style.ts";

/** Escapes text for element content and quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** Only web links become links. */
export const link = (url: string): string =>
  /^https?:\/\//.test(url) ? `<a href="${escapeHtml(url)}" rel="noreferrer">Learn more</a>` : escapeHtml(url);

/** A self-contained page. @param body HTML, escaped by whoever made it */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;

/** Pictures side by side, then the rest in order. */
export async function evidenceList(evidence: readonly ResultEvidence[]): Promise<string> {
  const pictures = evidence.filter((e) => e.kind === "picture");
  const others = evidence.filter((e) => e.kind !== "picture");
  const html = async (items: readonly ResultEvidence[]) =>
    (await Promise.all(items.map(evidenceHtml))).join("");
  const gallery = pictures.length === 0 ? "" : `<div class="pictures">${await html(pictures)}</div>`;
  return `${gallery}${await html(others)}`;
}

/** A table, bars, a picture or a plot as HTML. */
export async function evidenceHtml(item: ResultEvidence): Promise<string> {
  if (item.kind === "table") return table(item);
  if (item.kind === "bars") return bars(item);
  if (item.kind === "plot") return plot(item);
  const small = item.width < 400 ? ' class="small"' : "";
  const caption = escapeHtml(item.caption);
  return `<figure><img${small} src="data:image/png;base64,${item.png.replace(/[^A-Za-z0-9+/=]/g, "")}" width="${item.width}" height="${item.height}" alt="${caption}"><figcaption>${caption}</figcaption></figure>`;
}

export function table({ caption, columns, rows }: Table): string {
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

/** As an image, which neither takes the page's styles nor can run anything. */
async function plot(item: Plot): Promise<string> {
  const svg = encodeURIComponent(await plotSvg(item));
  const caption = escapeHtml(plotDescription(item));
  return `<figure><img src="data:image/svg+xml,${svg.replaceAll("'", "%27")}" alt="${caption}"><figcaption>${caption}</figcaption></figure>`;
}

const BAR = { height: 26, label: 190, value: 120, width: 720 };

/** Horizontal bars from zero, each with its number, and its interval where it has one. */
function bars({ caption, axis, bars: rows }: Bars): string {
  const ends = rows.flatMap((row) => [row.value, row.low ?? row.value, row.high ?? row.value]);
  const finite = ends.filter(Number.isFinite);
  const [lowest, highest] = [Math.min(0, ...finite), Math.max(0, ...finite)];
  const room = BAR.width - BAR.label - BAR.value;
  const at = (value: number): number =>
    BAR.label + (room * ((Number.isFinite(value) ? value : highest) - lowest)) / (highest - lowest || 1);
  const marks = rows.map((row, i) => {
    const [left, right] = [Math.min(at(0), at(row.value)), Math.max(at(0), at(row.value))];
    const middle = i * BAR.height + BAR.height / 2;
    const interval =
      row.low === undefined || row.high === undefined
        ? ""
        : `<line class="interval" x1="${at(row.low).toFixed(1)}" y1="${middle}" x2="${at(row.high).toFixed(1)}" y2="${middle}"/>`;
    const end = Math.max(right, at(row.high ?? row.value)) + 6;
    return `<text x="0" y="${middle + 4}">${escapeHtml(row.label)}</text><rect class="bar" x="${left.toFixed(1)}" y="${i * BAR.height + 4}" width="${Math.max(1, right - left).toFixed(1)}" height="${BAR.height - 8}"/>${interval}<text x="${end.toFixed(1)}" y="${middle + 4}">${escapeHtml(barText(row))}</text>`;
  });
  const height = rows.length * BAR.height + 22;
  const text = escapeHtml(`${caption}: ${rows.map((r) => `${r.label} ${barText(r)}`).join(", ")}`);
  return `<figure><svg viewBox="0 0 ${BAR.width} ${height}" role="img" aria-label="${text}">${marks.join("")}<line x1="${at(0).toFixed(1)}" y1="0" x2="${at(0).toFixed(1)}" y2="${rows.length * BAR.height}"/><text class="axis" x="${BAR.label}" y="${height - 5}">${escapeHtml(axis)}</text></svg><figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

const barText = ({ value, low, high }: Bars["bars"][number]): string =>
  low === undefined || high === undefined
    ? shortNumber(value)
    : `${shortNumber(value)} [${shortNumber(low)}, ${shortNumber(high)}]`;
