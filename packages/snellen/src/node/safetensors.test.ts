// Oracle: the bytes that Python's safetensors 0.8.0 (`safetensors.torch.save`) makes of the same tensors; the format's rules.
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTensor, type Tensor, tensorNumbers } from "@snellen/graph";
import { afterAll, describe, expect, it } from "vitest";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

const folder = await mkdtemp(join(tmpdir(), "snellen-safetensors-"));
afterAll(() => rm(folder, { recursive: true }));

const TENSORS = new Map<string, Tensor>([
  ["brain", makeTensor("bfloat16", [1], [3])],
  ["layer.weight", makeTensor("float32", [2, 2], [1, 2, 3, -0.5])],
  ["shape", makeTensor("int64", [1], [-1])],
  ["half", makeTensor("float16", [3], [1, -2, 0.5])],
  ["bias", makeTensor("float64", [1], [0.25])],
]);

const HEADER =
  '{"bias":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},' +
  '"layer.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]},' +
  '"brain":{"dtype":"BF16","shape":[1],"data_offsets":[24,26]},' +
  '"half":{"dtype":"F16","shape":[3],"data_offsets":[26,32]}}      ';
const DATA = "000000000000d03f0000803f0000004000004040000000bf4040003c00c00038";

it("writes the floating-point tensors as Python's library does, others not", async () => {
  const path = join(folder, "all.safetensors");
  expect(await writeSafetensors(path, TENSORS)).toBe(4);
  const bytes = await readFile(path);
  expect(bytes.readBigUInt64LE()).toBe(BigInt(HEADER.length));
  expect(bytes.subarray(8, 8 + HEADER.length).toString()).toBe(HEADER);
  expect(bytes.subarray(8 + HEADER.length).toString("hex")).toBe(DATA);
});

it("reads weights that lie elsewhere, and says when it has no way to", async () => {
  const stored = Uint8Array.from({ length: 20 }, (_, i) => i);
  const data = { location: "w.data", offset: 4, length: 8 };
  const tensors = new Map<string, Tensor>([["w", { dataType: "float32", dims: [2], data }]]);
  const path = join(folder, "external.safetensors");
  await writeSafetensors(path, tensors, async ({ offset, length }) =>
    stored.subarray(offset, offset + length),
  );
  expect([...(await readFile(path)).subarray(-8)]).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  await expect(writeSafetensors(path, tensors, async () => stored.subarray(4, 8))).rejects.toMatchObject({
    code: "truncated-external-data",
    message: expect.stringContaining('tensor "w": external data "w.data" should hold 8 bytes at 4, got 4.'),
  });
  await expect(writeSafetensors(path, tensors)).rejects.toMatchObject({ code: "internal" });
});

describe("reading", () => {
  /** A file with this header, and zeros behind it. */
  const fileWith = async (
    name: string,
    header: string,
    zeros = 0,
    length = header.length,
  ): Promise<string> => {
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(length));
    await writeFile(join(folder, name), Buffer.concat([size, Buffer.from(header), Buffer.alloc(zeros)]));
    return join(folder, name);
  };

  it("finds what Python's library wrote, and the numbers of vectors alone", async () => {
    const path = join(folder, "python.safetensors");
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(HEADER.length));
    await writeFile(path, Buffer.concat([size, Buffer.from(HEADER), Buffer.from(DATA, "hex")]));
    const { parameters, isOrdered } = await readSafetensors(path);
    expect(isOrdered).toBe(false);
    expect(
      parameters.map(({ name, shape, tensor }) => [name, shape, tensor && [...tensorNumbers(tensor)]]),
    ).toEqual([
      ["bias", [1], [0.25]],
      ["layer.weight", [2, 2], undefined],
      ["brain", [1], [3]],
      ["half", [3], [1, -2, 0.5]],
    ]);
  });

  it("reads the header alone of a file of many gigabytes", async () => {
    const bytes = 16 * 2 ** 30;
    const header = `{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[4096,${bytes / 4 / 4096}],"data_offsets":[0,${bytes}]},"g":{"dtype":"F32","shape":[1,2],"data_offsets":[${bytes},${bytes + 8}]},"n":{"dtype":"I64","shape":[],"data_offsets":[${bytes + 8},${bytes + 16}]}}`;
    const path = await fileWith("large.safetensors", header);
    await truncate(path, 8 + header.length + bytes + 16); // a hole, not gigabytes on the disk
    const { parameters } = await readSafetensors(path);
    expect(parameters.map(({ name, tensor }) => [name, tensor?.dims])).toEqual([
      ["w", undefined],
      ["g", [1, 2]],
    ]);
  });

  it.each([
    ["an empty file", "", 0, -1],
    ["a header longer than the file", "{}", 0, 1000],
    ["no JSON", "{]", 0, 2],
    ["JSON of another kind", '{"a":{"dtype":"F32","shape":[1]}}', 4, undefined],
    ["a negative offset", '{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}', 4, undefined],
    ["an offset beyond the end", '{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 4, undefined],
    ["a shape of another size", '{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,4]}}', 4, undefined],
  ])("refuses %s", async (what, header, zeros, length) => {
    const name = `${what.replaceAll(" ", "-")}.safetensors`;
    const path = length === -1 ? join(folder, name) : await fileWith(name, header, zeros, length);
    if (length === -1) await writeFile(path, "");
    await expect(readSafetensors(path)).rejects.toMatchObject({ code: "bad-safetensors", where: path });
  });

  it("says where there is no file, or a folder", async () => {
    await expect(readSafetensors(join(folder, "no"))).rejects.toMatchObject({ code: "unreadable-file" });
    await expect(readSafetensors(folder)).rejects.toMatchObject({ code: "bad-safetensors" });
  });
});
