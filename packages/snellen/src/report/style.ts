// The report's stylesheet: light and dark by the reader's setting, one column on a phone, no external request.
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2128; --soft: #57606a; --paper: #ffffff; --card: #f6f8fa; --line: #d0d7de;
  --good: #0b6e99; --attention: #8a5a00; --problem: #a3163f; --informative: #57606a; --bar: #3b6ea5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b3; --paper: #0d1117; --card: #161b22; --line: #30363d;
  --good: #58b7e0; --attention: #e3b341; --problem: #ff7b9c; --informative: #9da7b3; --bar: #6ea8dc; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 0; }
p { margin: .5rem 0; } .soft { color: var(--soft); } a { color: var(--good); }
nav ol { list-style: none; padding: 0; margin: 1rem 0 2rem; display: grid; gap: .3rem; }
nav a { text-decoration: none; color: var(--ink); } nav a:hover { text-decoration: underline; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.1rem; margin: 0 0 1.2rem; }
.verdict { display: inline-block; min-width: 6.6rem; font-size: .8rem; font-weight: 600; }
.verdict.good { color: var(--good); } .verdict.attention { color: var(--attention); }
.verdict.problem, .verdict.error { color: var(--problem); } .verdict.informative, .verdict.notApplicable { color: var(--informative); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; } caption, figcaption { text-align: left; color: var(--soft); font-size: .88rem; padding: .4rem 0; overflow-wrap: anywhere; }
th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; } td.number { text-align: right; }
th[scope="row"] { font-weight: 400; padding-left: 1rem; }
.pictures { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); }
figure { margin: .6rem 0 0; } figure img { width: 100%; height: auto; border-radius: 6px; display: block; }
img.small { image-rendering: pixelated; } svg { width: 100%; height: auto; } svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
svg .bar { fill: var(--bar); } svg .axis { fill: var(--soft); } svg line { stroke: var(--line); } svg .interval { stroke: var(--ink); stroke-width: 2; }
code, pre { font: .88rem/1.5 ui-monospace, Menlo, Consolas, monospace; } pre { overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .8rem 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
@media print { section { break-inside: avoid; } body { max-width: none; } }
`;
