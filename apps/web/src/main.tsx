// Starts the page, and opens what `snellen view` was given.
import { render } from "preact";
import { REPORT_STYLE } from "snellen/report";
import { App } from "./app.tsx";
import { openGiven } from "./state/open-given.ts";
import { call } from "./state/session.ts";
import "./style.css";

const style = document.createElement("style");
style.textContent = REPORT_STYLE;
document.head.prepend(style);

// for the browser's console: await snellen.call("heatMaps", { image: 0, maps: [] })
Object.assign(globalThis, { snellen: { call } });

render(<App />, document.getElementById("app") as HTMLElement);
void openGiven();
