// The built app in Chromium, served by what `snellen view` serves it with; whatever goes wrong in the page, or leaves the origin, is kept.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type { GivenFiles } from "../../../../packages/cli/src/view/given-files.ts";
import { serveApp } from "../../../../packages/cli/src/view/serve-app.ts";
import { launchChromium } from "../../../../packages/snellen/src/web/test-support/chromium.ts";
import type { WorkerClient } from "../../src/client/worker-client.ts";

export interface OpenApp extends AsyncDisposable {
  readonly page: Page;
  readonly url: string;
  /** Errors of the page and its console. */
  readonly problems: readonly string[];
  /** Addresses outside of the app's own origin that were asked for. */
  readonly foreign: readonly string[];
  /** A folder for downloads and made-up files. */
  readonly folder: string;
}

export interface AppOptions {
  readonly given?: GivenFiles;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly browserArgs?: readonly string[];
  readonly colorScheme?: "light" | "dark";
}

/** For what a busy machine may take. */
const PATIENCE_MS = 150_000;

export async function openApp({
  given = new Map(),
  viewport,
  browserArgs,
  colorScheme,
}: AppOptions = {}): Promise<OpenApp> {
  const control = new AbortController();
  const { url, closed } = await serveApp(given, { port: undefined, signal: control.signal });
  const browser: Browser = await launchChromium(browserArgs);
  const page = await browser.newPage({ viewport: viewport ?? { width: 1280, height: 900 }, colorScheme });
  page.setDefaultTimeout(PATIENCE_MS);
  const folder = await mkdtemp(join(tmpdir(), "snellen-web-"));
  const [problems, foreign]: [string[], string[]] = [[], []];
  const origin = new URL(url).origin;
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  page.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith(origin) && !/^(blob|data):/.test(address)) foreign.push(address);
  });
  await page.goto(url);
  return {
    page,
    url,
    problems,
    foreign,
    folder,
    async [Symbol.asyncDispose]() {
      await browser.close();
      control.abort();
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Opens an embedded network from the first page, and waits for its first heat map. */
export async function openExample(page: Page, name: "optotypes-cnn" | "optotypes-vit"): Promise<void> {
  await page.getByRole("button", { name: `${name}.onnx` }).click();
  await page.locator(".heat-map canvas").waitFor();
}

/** Gives the app files as if they were chosen. */
export const chooseFiles = (page: Page, paths: readonly string[]): Promise<void> =>
  page.getByLabel("Open a model…").setInputFiles([...paths]);

export const goTo = (page: Page, step: string): Promise<void> =>
  page.locator(`.steps a[href="#${step}"]`).click();

/** The step that is shown. */
export const shown = (page: Page) => page.locator("main > div:not([hidden])");

/** A call of the worker, as the browser's console may make it too. */
export const inWorker = <M extends Parameters<WorkerClient["call"]>[0]>(
  page: Page,
  method: M,
  args: Parameters<WorkerClient["call"]>[1],
) =>
  page.evaluate(
    async ([name, given]) => {
      const { snellen } = globalThis as unknown as {
        snellen: { call(method: string, args: unknown): Promise<unknown> };
      };
      // typed arrays come out as plain ones
      return JSON.parse(
        JSON.stringify(await snellen.call(name, given), (_, value) =>
          ArrayBuffer.isView(value) ? [...(value as Float32Array)] : value,
        ),
      );
    },
    [method, args] as const,
  );
