import { expect, it } from "vitest";
import { byteTable, lookUp, lookUpChannels } from "./byte-table.ts";

it("cuts results off and truncates them", () => {
  const table = byteTable((byte) => 1.5 * byte - 20);
  expect([0, 10, 15, 100, 183, 184, 255].map((byte) => table[byte])).toEqual([0, 0, 2, 130, 254, 255, 255]);
});

it("asks for every byte once, in ascending order", () => {
  const asked: number[] = [];
  byteTable((byte) => asked.push(byte));
  expect(asked).toEqual(Array.from({ length: 256 }, (_, i) => i));
});

it("looks bytes up, by channel where channels differ", () => {
  const negative = byteTable((byte) => 255 - byte);
  const same = byteTable((byte) => byte);
  const black = byteTable(() => 0);
  const data = Uint8Array.of(1, 2, 3, 250, 251, 252);
  expect([...lookUp(data, negative)]).toEqual([254, 253, 252, 5, 4, 3]);
  expect([...lookUpChannels(data, [negative, same, black])]).toEqual([254, 2, 0, 5, 251, 0]);
  expect([...data]).toEqual([1, 2, 3, 250, 251, 252]);
});
