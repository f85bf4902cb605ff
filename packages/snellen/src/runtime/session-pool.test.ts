// Oracle: a runtime of our own that records what is made and disposed.
import { describe, expect, it } from "vitest";
import type { Runtime, Session } from "./runtime.ts";
import { createSessionPool } from "./session-pool.ts";

/** A runtime whose models are one byte, their name, and what happened to its sessions. */
function recorded() {
  const events: string[] = [];
  const runtime: Runtime = {
    name: "recorded",
    createSession: async ({ bytes }) => {
      const name = String.fromCharCode(bytes[0]!);
      events.push(`+${name}`);
      await Promise.resolve();
      if (name === "!") throw new Error("cannot be made");
      return {
        inputNames: [name],
        outputNames: [],
        run: async () => ({}),
        dispose: async () => void events.push(`-${name}`),
      };
    },
  };
  return { events, runtime };
}
const make = (name: string) => () => ({ model: { bytes: Uint8Array.of(name.charCodeAt(0)) } });
const nameOf = async (session: Session) => session.inputNames[0];

/** Work that holds a session until it is told to let go. */
function holding() {
  let letGo!: () => void;
  const released = new Promise<void>((resolve) => (letGo = resolve));
  return { work: () => released, letGo };
}

describe("createSessionPool", () => {
  it("makes a session once and disposes the least recently used, before it makes another", async () => {
    const { events, runtime } = recorded();
    const pool = createSessionPool(runtime, { max: 2 });
    for (const name of ["a", "b", "a", "c", "a"]) expect(await pool.use(name, make(name), nameOf)).toBe(name);
    expect(events).toEqual(["+a", "+b", "-b", "+c"]);
    expect(pool.keys()).toEqual(["c", "a"]);
  });

  it("shares a session that is being made", async () => {
    const { events, runtime } = recorded();
    const pool = createSessionPool(runtime);
    const names = await Promise.all([1, 2, 3].map(() => pool.use("a", make("a"), nameOf)));
    expect([names, events]).toEqual([["a", "a", "a"], ["+a"]]);
  });

  it("never disposes a session in use", async () => {
    const { events, runtime } = recorded();
    const pool = createSessionPool(runtime, { max: 1 });
    const a = holding();
    const usingA = pool.use("a", make("a"), a.work);
    await pool.use("b", make("b"), nameOf);
    expect(events).toEqual(["+a", "+b", "-b"]);
    const dropped = pool.drop("a");
    await pool.use("c", make("c"), nameOf);
    expect(events).not.toContain("-a");
    a.letGo();
    await Promise.all([usingA, dropped]);
    expect(events.at(-1)).toBe("-a");
  });

  it("tries again after a session could not be made, and lives on after work failed", async () => {
    const { events, runtime } = recorded();
    const pool = createSessionPool(runtime);
    await expect(pool.use("k", make("!"), nameOf)).rejects.toThrow("cannot be made");
    expect(await pool.use("k", make("a"), nameOf)).toBe("a");
    const failing = () => Promise.reject(new Error("the work failed"));
    await expect(pool.use("k", make("a"), failing)).rejects.toThrow("the work failed");
    await expect(pool.use("m", () => Promise.reject(new Error("no model")), nameOf)).rejects.toThrow(
      "no model",
    );
    expect([events, pool.keys()]).toEqual([["+!", "+a"], ["k"]]);
  });

  it("disposes everything at the end, what is in use last, and takes no more work", async () => {
    const { events, runtime } = recorded();
    const pool = createSessionPool(runtime);
    const a = holding();
    const usingA = pool.use("a", make("a"), a.work);
    await pool.use("b", make("b"), nameOf);
    const disposed = pool.dispose();
    await expect(pool.use("c", make("c"), nameOf)).rejects.toMatchObject({ code: "internal" });
    a.letGo();
    await Promise.all([usingA, disposed]);
    expect(events).toEqual(["+a", "+b", "-b", "-a"]);
  });
});
