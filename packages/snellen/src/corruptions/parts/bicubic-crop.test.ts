// Oracle: OpenCV 5.0's `resize` with INTER_CUBIC, which PyTorch's `interpolate` agrees with.
import { expect, it } from "vitest";
import { bicubicCrop } from "./bicubic-crop.ts";

// biome-ignore format: one list
const picture = { width: 5, height: 4, data: Uint8Array.of(248, 194, 190, 207, 147, 26, 237, 21, 245, 211, 239, 45, 5, 157, 159, 60, 54, 236, 109, 46, 199, 82, 32, 205, 36, 7, 134, 222, 57, 146, 8, 149, 14, 15, 22, 10, 144, 208, 24, 24, 7, 41, 11, 85, 59, 104, 225, 110, 226, 201, 8, 159, 26, 27, 163, 122, 33, 41, 201, 67) };
// biome-ignore format: one list
const enlarged = { width: 9, height: 7, data: Uint8Array.of(255, 213, 203, 249, 199, 116, 219, 171, 9, 229, 72, 113, 252, 20, 249, 255, 155, 136, 204, 255, 34, 59, 210, 109, 0, 157, 173, 188, 143, 232, 185, 138, 173, 180, 123, 98, 181, 56, 161, 180, 14, 243, 171, 92, 156, 145, 166, 78, 109, 142, 126, 86, 117, 168, 69, 58, 248, 89, 58, 228, 117, 55, 201, 114, 40, 208, 88, 23, 216, 44, 15, 169, 60, 24, 129, 163, 48, 141, 237, 66, 153, 5, 89, 120, 12, 51, 121, 26, 6, 122, 72, 71, 118, 97, 138, 110, 34, 49, 101, 6, 0, 96, 87, 18, 99, 147, 58, 101, 10, 171, 10, 8, 108, 6, 13, 31, 1, 88, 110, 5, 148, 206, 16, 96, 104, 27, 21, 8, 39, 5, 57, 51, 0, 101, 57, 60, 212, 70, 93, 186, 42, 140, 147, 2, 164, 116, 0, 158, 99, 15, 144, 78, 22, 103, 89, 34, 46, 137, 51, 8, 171, 62, 100, 234, 131, 160, 240, 83, 240, 234, 17, 221, 115, 4, 160, 8, 27, 176, 53, 28, 166, 149, 36, 87, 195, 57, 31, 220, 71) };

const whole = { scaledWidth: 9, scaledHeight: 7, left: 0, top: 0, width: 9, height: 7 };

it("enlarges as OpenCV does", () => expect(bicubicCrop(picture, whole)).toEqual(enlarged));

it.each([
  [0, 0, 4, 3],
  [2, 3, 5, 2],
  [5, 4, 4, 3],
  [8, 6, 1, 1],
])("cuts from %i, %i on %i × %i out of it", (left, top, width, height) => {
  const expected = Array.from({ length: height }, (_, y) => {
    const from = 3 * ((top + y) * 9 + left);
    return [...enlarged.data.subarray(from, from + 3 * width)];
  });
  const { data } = bicubicCrop(picture, { ...whole, left, top, width, height });
  expect([...data]).toEqual(expected.flat());
});

it("keeps the picture at its own size", () => {
  const window = { scaledWidth: 5, scaledHeight: 4, left: 0, top: 0, width: 5, height: 4 };
  expect(bicubicCrop(picture, window)).toEqual(picture);
});
