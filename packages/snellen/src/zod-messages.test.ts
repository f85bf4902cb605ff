// Oracle: zod's full build, which has these words by itself.
import { expect, it } from "vitest";
import { z as full } from "zod";
import * as mini from "zod/mini";
import { IN_ENGLISH } from "./zod-messages.ts";

it("says what zod's full build says", () => {
  const wrong = { a: [], b: -1, c: [1.5, "x"], d: 1, e: "q", f: { kind: "other" } };
  const ofFull = full
    .strictObject({
      a: full.array(full.number()).min(1),
      b: full.int().positive(),
      c: full.tuple([full.int(), full.int()]),
      e: full.enum(["x", "y"]),
      f: full.discriminatedUnion("kind", [full.object({ kind: full.literal("table") })]),
    })
    .safeParse(wrong);
  const expected = ofFull.error?.issues.map(({ path, message }) => [path.join("."), message]);
  // the full build's import has set its words for all, which an app without it does not have
  mini.config({ localeError: () => "nothing said" });
  const ofMini = mini
    .strictObject({
      a: mini.array(mini.number()).check(mini.minLength(1)),
      b: mini.int().check(mini.positive()),
      c: mini.tuple([mini.int(), mini.int()]),
      e: mini.enum(["x", "y"]),
      f: mini.discriminatedUnion("kind", [mini.object({ kind: mini.literal("table") })]),
    })
    .safeParse(wrong, IN_ENGLISH);
  const messages = ofMini.error?.issues.map(({ path, message }) => [path.join("."), message]);
  expect(messages).toEqual(expected);
  expect(messages?.length).toBeGreaterThan(5);
  expect(mini.number().safeParse("x").error?.issues[0]?.message).toBe("nothing said");
});
