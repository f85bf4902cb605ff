// A component as one self-contained page: its stylesheet within, nothing to fetch, no script.
import type { VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import { PAGE_STYLE, REPORT_STYLE } from "./style.ts";

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/**
 * An HTML document. @param report which has an element with the id `results`, where the link that skips what stands before it leads to
 */
export const page = (title: string, report: VNode): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${PAGE_STYLE}${REPORT_STYLE}</style>
</head>
<body>
<a class="skip" href="#results">Skip to the results</a>
<main>
${renderToString(report)}
</main>
</body>
</html>
`;
