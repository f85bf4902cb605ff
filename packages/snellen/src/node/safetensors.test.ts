// Oracle: the bytes that Python's safetensors 0.8.0 (`safetensors.torch.save`) makes of the same tensors.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTensor, type Tensor } from "@snellen/graph";
import { afterAll, expect, it } from "vitest";
import { writeSafetensors } from "./safetensors.ts";

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
  await expect(writeSafetensors(path, tensors)).rejects.toMatchObject({ code: "internal" });
});
