// Serves the built app on loopback, with the headers that give WebAssembly its threads, and the files that it is to open.
import { open, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { InternalError, UsageError } from "@snellen/graph";
import sirv from "sirv";
import type { GivenFiles } from "./given-files.ts";

export interface ServedApp {
  readonly url: string;
  /** Resolves once it serves no more. */
  readonly closed: Promise<void>;
}

export interface ServeOptions {
  /** Default: 7357, or any that is free. */
  readonly port: number | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** 20/20 has no port; this is TEST on a telephone's keys. */
const USUAL_PORT = 7357;
const HOST = "127.0.0.1";

const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
} as const;

/** @throws UsageError `app-not-built`, `port-taken` */
export async function serveApp(given: GivenFiles, { port, signal }: ServeOptions): Promise<ServedApp> {
  const files = sirv(await appFolder(), {
    etag: true,
    setHeaders: (response) => {
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    },
  });
  const server = createServer((request, response) => {
    if (!isOurs(request)) return refuse(response, 403);
    const path = decoded(request.url);
    if (path?.startsWith("/given/")) return serveGiven(given, path.slice("/given/".length), response);
    files(request, response, () => refuse(response, 404));
  });
  await listen(server, port);
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  signal.addEventListener("abort", () => {
    server.close();
    server.closeAllConnections();
  });
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://${HOST}:${taken}/${given.size === 0 ? "" : "?given"}`, closed };
}

/** Where `npm run web:build` puts the app. @throws UsageError `app-not-built` */
async function appFolder(): Promise<string> {
  const folder = join(dirname(fileURLToPath(import.meta.resolve("@snellen/web/package.json"))), "dist");
  const found = await stat(join(folder, "index.html")).catch(() => undefined);
  if (found !== undefined) return folder;
  throw new UsageError("app-not-built", "the app was not built yet.", {
    where: folder,
    hint: "In a checkout, run npm run web:build.",
  });
}

/** Another site's page may lead a browser here under another name (DNS rebinding); what is given is for this page only. */
function isOurs({ headers }: IncomingMessage): boolean {
  const name = (headers.host ?? "").replace(/:\d+$/, "");
  const isSameOrigin =
    headers["sec-fetch-site"] === undefined ||
    ["same-origin", "none"].includes(String(headers["sec-fetch-site"]));
  return (
    (name === HOST || name === "localhost") && (isSameOrigin || headers["sec-fetch-mode"] === "navigate")
  );
}

function decoded(url: string | undefined): string | undefined {
  try {
    return decodeURIComponent(new URL(url ?? "/", `http://${HOST}`).pathname);
  } catch {
    return undefined;
  }
}

/** `index.json` lists them; nothing else on disk can be asked for. */
function serveGiven(given: GivenFiles, name: string, response: ServerResponse): void {
  if (name === "index.json") {
    response.writeHead(200, { ...HEADERS, "Content-Type": "application/json", "Cache-Control": "no-store" });
    response.end(JSON.stringify([...given.keys()]));
    return;
  }
  const path = given.get(name);
  if (path === undefined) {
    refuse(response, 404);
    return;
  }
  void sendFile(path, response);
}

/** A file that cannot be read to its end breaks the connection off: a shorter one must not look whole. */
async function sendFile(path: string, response: ServerResponse): Promise<void> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    response.writeHead(200, {
      ...HEADERS,
      "Content-Type": "application/octet-stream",
      "Content-Length": size,
      "Cache-Control": "no-store",
    });
    await pipeline(file.createReadStream({ autoClose: false }), response);
  } catch {
    if (response.headersSent) response.destroy();
    else refuse(response, 404);
  }
}

function refuse(response: ServerResponse, status: number): void {
  if (!response.headersSent) response.writeHead(status, HEADERS);
  response.end();
}

async function listen(server: Server, port: number | undefined): Promise<void> {
  const tried = (at: number): Promise<NodeJS.ErrnoException | undefined> =>
    new Promise((resolve) => {
      server.once("error", resolve);
      server.listen(at, HOST, () => {
        server.off("error", resolve);
        resolve(undefined);
      });
    });
  const error = await tried(port ?? USUAL_PORT);
  if (error === undefined) return;
  if (port !== undefined)
    throw new UsageError("port-taken", `cannot be served on (${error.code}).`, {
      where: `--port ${port}`,
      hint: "Give another, or none.",
    });
  const second = await tried(0);
  if (second !== undefined) throw new InternalError(`no port to serve on (${second.code})`);
}
