import { readdirSync } from "node:fs";
import { makeNode } from "@snellen/graph";
import { expect, it } from "vitest";
import type { Rule } from "../rule.ts";
import { ruleFor, supportedOperators } from "./index.ts";

it("lists every rule of every family, each operator once", async () => {
  const files = readdirSync(new URL(".", import.meta.url)).filter((f) => !/\.test\.ts$|^index\.ts$/.test(f));
  const paths = files.map((file) => new URL(file, import.meta.url).href);
  const families: Record<string, Rule>[] = await Promise.all(paths.map((p) => import(/* @vite-ignore */ p)));
  const operators = families.flatMap((family) => Object.keys(family)).sort();
  expect(operators).toEqual(supportedOperators);
});

it("knows the standard operators only", () => {
  expect(ruleFor(makeNode("Relu", ["x"], ["y"]))).toBeDefined();
  expect(ruleFor(makeNode("Relu", ["x"], ["y"], { domain: "com.example" }))).toBeUndefined();
  expect(ruleFor(makeNode("NoSuchOperator", ["x"], ["y"]))).toBeUndefined();
});
