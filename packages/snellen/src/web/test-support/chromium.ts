// Chromium for tests: found or not, with which flags, and what to say when it is missing (in CI a skip is a failure).
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = PLACES.find((path) => existsSync(path));

export const hasChromium = executablePath !== undefined;

if (!hasChromium) {
  const how = "browser tests need Chromium: apt-get install -y chromium";
  if (process.env.CI) throw new Error(how);
  console.warn(`skipped: ${how}`);
}

/** Without the last five, Chromium asks Google's servers at every start. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

export const launchChromium = (more: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath: executablePath as string, args: [...FLAGS, ...more] });
