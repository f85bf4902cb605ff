// The stylesheet of reports, for pages and for apps that mount the components: light and dark by `color-scheme`, one column on a phone,
// no external request. All of it lies within `.report`; an app that sets `color-scheme` on an element chooses the colours there.
// What scrolls has a shadow on the side where it goes on: covers that move with the content hide it at the ends.
import { SERIES_COLORS } from "./plot/plot-ink.ts";

const series = SERIES_COLORS.light
  .map((light, i) => `--series-${i + 1}: light-dark(${light}, ${SERIES_COLORS.dark[i]});`)
  .join(" ");

/** What a page of its own needs beside the report. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; background: light-dark(#ffffff, #0d1117); }
main { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 64rem; }
.skip { position: absolute; left: -999rem; padding: .5rem .8rem; background: light-dark(#ffffff, #0d1117); color: light-dark(#0b6e99, #58b7e0); font: 16px/1.5 system-ui, sans-serif; }
.skip:focus { left: .5rem; top: .5rem; z-index: 1; }
@media print { :root { color-scheme: light; } main { max-width: none; padding: 0; } .skip { display: none; } }
`;

/** The stylesheet of reports, for apps that mount the components; all of it lies within `.report`. */
export const REPORT_STYLE = `
.report { --ink: light-dark(#1c2128, #e6edf3); --soft: light-dark(#57606a, #9da7b3); --paper: light-dark(#ffffff, #0d1117);
  --card: light-dark(#f6f8fa, #161b22); --line: light-dark(#d0d7de, #3a424c); --link: light-dark(#0b5c8a, #58b7e0);
  --good: light-dark(#0b6e99, #58b7e0); --attention: light-dark(#8a5a00, #e3b341); --problem: light-dark(#a3163f, #ff7b9c);
  --informative: light-dark(#57606a, #9da7b3); --bar: light-dark(#3b6ea5, #6ea8dc);
  ${series}
  color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
.report, .report * { box-sizing: border-box; }
.report :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.report #results:focus { outline: none; }
.report h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .3rem; overflow-wrap: anywhere; }
.report h2, .report h3 { font-size: 1.15rem; line-height: 1.35; margin: .2rem 0 .5rem; text-wrap: pretty; overflow-wrap: anywhere; }
.report p { margin: .5rem 0; max-width: 46rem; overflow-wrap: anywhere; }
.report .soft { color: var(--soft); font-size: .92rem; }
.report a { color: var(--link); text-underline-offset: .15em; }
.report dl { display: grid; gap: .15rem 1rem; margin: .8rem 0; font-size: .92rem; }
.report dl div { display: grid; grid-template-columns: 8rem 1fr; gap: 1rem; }
.report dt { color: var(--soft); } .report dd { margin: 0; overflow-wrap: anywhere; }
.report .counts { font-size: 1.1rem; font-weight: 600; margin: 1.2rem 0 .3rem; }
.report nav ol { list-style: none; padding: 0; margin: .6rem 0 2rem; display: grid; gap: .45rem; }
.report nav li { display: grid; grid-template-columns: 8.2rem 1fr; gap: .4rem; align-items: baseline; }
.report nav a { color: var(--ink); text-decoration-color: var(--line); overflow-wrap: anywhere; }
.report nav a:hover { text-decoration-color: currentColor; }
.report section { background: var(--card); border: 1px solid var(--line); border-left: 5px solid var(--line); border-radius: 8px; padding: 1rem 1.1rem; margin: 0 0 1.2rem; scroll-margin-top: 1rem; }
.report section.good { border-left-color: var(--good); } .report section.attention { border-left-color: var(--attention); }
.report section.problem, .report section.error { border-left-color: var(--problem); }
.report section:target { box-shadow: 0 0 0 2px var(--link); }
.report .eyebrow { margin: 0; display: flex; flex-wrap: wrap; gap: 0 .8rem; align-items: baseline; }
.report .verdict { font-size: .85rem; font-weight: 600; white-space: nowrap; }
.report .verdict.good { color: var(--good); } .report .verdict.attention { color: var(--attention); }
.report .verdict.problem, .report .verdict.error { color: var(--problem); }
.report .verdict.informative, .report .verdict.notApplicable { color: var(--informative); }
.report .scroll { overflow-x: auto; margin: 1rem 0 0; container-type: inline-size; --shade: light-dark(#0003, #fff3);
  background: linear-gradient(to right, var(--card) 50%, transparent) left / 2rem 100% no-repeat local,
    linear-gradient(to left, var(--card) 50%, transparent) right / 2rem 100% no-repeat local,
    linear-gradient(to right, var(--shade), transparent) left / 1rem 100% no-repeat,
    linear-gradient(to left, var(--shade), transparent) right / 1rem 100% no-repeat; }
.report table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; min-width: min(100%, 30rem); }
.report caption, .report figcaption { text-align: left; color: var(--soft); font-size: .88rem; line-height: 1.45; padding: .3rem 0; overflow-wrap: anywhere; }
.report th, .report td { text-align: left; vertical-align: top; padding: .3rem 1rem .3rem 0; border-bottom: 1px solid var(--line); max-width: 32em; overflow-wrap: break-word; }
.report caption span { display: block; position: sticky; left: 0; max-width: 100cqi; }
.report .short, .report .whole { white-space: nowrap; } .report td.long { min-width: 16em; } .report .scroll th[scope="row"] { position: sticky; left: 0; background: var(--card); }
@container (max-width: 30rem) { .report .scroll th[scope="row"] { max-width: 11em; white-space: normal; } .report table.bars td.number { white-space: normal; min-width: 5em; } }
.report thead th { min-width: 4em; vertical-align: bottom; } .report tbody th { font-weight: 400; }
.report tr.group th { font-weight: 600; padding-top: .9rem; } .report tr.group td { padding-top: .9rem; }
.report th.number, .report td.number { text-align: right; overflow-wrap: normal; }
.report table.bars { width: 100%; } 
.report table.bars th, .report table.bars td { border: 0; padding: 0 .6rem 0 0; vertical-align: middle; }
.report table.bars thead th { font-weight: 400; color: var(--soft); }
.report table.bars .drawn { width: 100%; min-width: 8em; max-width: none; } .report table.bars td.number { white-space: nowrap; width: 1%; text-align: left; }
.report table.bars svg { display: block; overflow: visible; } .report table.bars line { stroke: var(--line); } .report table.bars line.zero { stroke: var(--soft); }
.report table.bars .bar { fill: var(--bar); } .report table.bars .cut { stroke: var(--card); stroke-width: 3; } .report table.bars line.interval { stroke: var(--ink); stroke-width: 2; } .report table.bars text { fill: var(--soft); font-size: 12px; }
.report .gallery { display: grid; gap: .6rem 1.4rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); margin: .8rem 0 0; }
.report .gallery.small { grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
.report figure { margin: .4rem 0 0; container-type: inline-size; }
.report figure.plot { max-width: 36rem; }
.report figure svg { display: block; overflow: visible; width: 100%; height: auto; }
.report figure img { width: 100%; height: auto; border-radius: 6px; display: block; } .report img.small { image-rendering: pixelated; }
@container (max-width: 24rem) { .report .plot svg { font-size: 17px; } }
.report .legend { list-style: none; padding: 0; margin: .6rem 0; display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; } .report .legend li { min-width: 0; overflow-wrap: anywhere; }
.report code, .report pre { font: .9rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
.report .command { display: flex; align-items: flex-start; gap: .5rem; }
.report pre { margin: 0; flex: 1; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.report pre code { user-select: all; } .report .remedy { margin: .8rem 0; } .report .remedy p { margin: 0 0 .3rem; font-weight: 600; } .report .remedy p .soft { font-weight: 400; }
.report details.others > summary { cursor: pointer; padding: .3rem 0; } .report details.others > summary h2 { display: inline; } .report details.others > section { margin-top: 1rem; }
@media (max-width: 36rem) { .report dl div, .report nav li { grid-template-columns: 1fr; gap: 0; } .report section { padding: .8rem .8rem; } }
@media print { .report section { background: none; } .report .scroll { overflow: visible; background: none; } .report table { min-width: 0; width: 100%; }
  .report th, .report td, .report td.long { min-width: 0; overflow-wrap: anywhere; } .report .short { white-space: normal; }
  .report .scroll th[scope="row"] { position: static; background: none; } .report .gallery { grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); }
  .report figure, .report tr, .report .remedy { break-inside: avoid; } .report h2, .report h3, .report .eyebrow, .report caption { break-after: avoid; }
  .report nav { break-after: page; } .report svg, .report section { print-color-adjust: exact; } .report details::details-content { content-visibility: visible; display: block; } }
`;
