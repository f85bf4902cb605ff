// Compiles `packages/snellen/assembly` to WebAssembly and writes it as a module of text, so that Node and browsers load it alike.
// Usage: npm run kernels   (kernels.test.ts fails where the text is out of date)
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

export const MODULE = fileURLToPath(
  new URL("../packages/snellen/src/corruptions/kernels/module.ts", import.meta.url),
);
const SOURCE = fileURLToPath(new URL("../packages/snellen/assembly/index.ts", import.meta.url));

/** The text of `module.ts`. @throws Error where the sources do not compile */
export async function kernelModule(): Promise<string> {
  let bytes = new Uint8Array();
  const { error, stderr } = await asc.main(
    [
      SOURCE,
      ...["--outFile", "kernels.wasm", "--baseDir", fileURLToPath(new URL("..", import.meta.url))],
      ...["-O3", "--enable", "simd", "--runtime", "stub", "--noAssert", "--importMemory"],
    ],
    {
      writeFile: (name, contents) => {
        if (name.endsWith(".wasm")) bytes = contents as Uint8Array<ArrayBuffer>;
      },
    },
  );
  if (error !== null || bytes.length === 0) throw new Error(`${error?.message}\n${stderr.toString()}`);
  return text(Buffer.from(bytes).toString("base64"));
}

const LINE = 120;

const text = (base64: string): string =>
  [
    "// WebAssembly of `packages/snellen/assembly` in base64. Made by `npm run kernels`; do not edit.",
    "export const MODULE_BASE64 =",
    ...(base64.match(new RegExp(`.{1,${LINE}}`, "g")) ?? []).map(
      (line, i, all) => `  ${JSON.stringify(line)}${i === all.length - 1 ? ";" : " +"}`,
    ),
    "",
  ].join("\n");

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(MODULE, await kernelModule());
