// Oracle: pictures and statistics of the `imagecorruptions` package.
import { expect, it } from "vitest";
import { plainPicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsReference, matchesDistribution } from "../test-support/reference.ts";
import { spatter } from "./spatter.ts";

equalsReference(spatter, ({ array }) => array("z"));
matchesDistribution(spatter);
takesPicturesOfAnySize(spatter);

const black = plainPicture(64, 64, [0, 0, 0]);
const drop = Float32Array.from({ length: 64 * 64 }, (_, i) =>
  Math.hypot((i % 64) - 32, Math.floor(i / 64) - 32) < 14 ? 2 : -2,
);

it("leaves the picture where nothing has splashed: the reference would divide by zero", () => {
  for (const level of spatter.levels)
    expect(spatter.apply(black, level, new Float32Array(64 * 64).fill(-3))).toEqual(black.data);
});

it("lights up in pale turquoise, by the strength at most", () => {
  const made = spatter.apply(black, spatter.levels[0], drop);
  // 0.6 of 175, 238, 238
  for (const [c, most] of [105, 142, 142].entries())
    expect(Math.max(...made.filter((_, i) => i % 3 === c))).toBe(most);
});

it("covers by brown mud", () => {
  const made = spatter.apply(black, spatter.levels[3], drop);
  expect([...made.subarray(3 * (32 * 64 + 32), 3 * (32 * 64 + 32) + 3)]).toEqual([63, 42, 20]);
  expect([...made.subarray(0, 3)]).toEqual([0, 0, 0]);
});
