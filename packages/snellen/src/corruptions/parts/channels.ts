// What a picture's channels hold as a whole: how often each byte occurs, and their mean.

/** How often each byte occurs in red, green and blue: 256 counts each. */
export function channelHistograms(data: Uint8Array): [Uint32Array, Uint32Array, Uint32Array] {
  const [red, green, blue] = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(256)];
  for (let i = 0; i < data.length; i += 3) {
    red[data[i]!]!++;
    green[data[i + 1]!]!++;
    blue[data[i + 2]!]!++;
  }
  return [red, green, blue];
}

/** Means of red, green and blue, 0 to 255. */
export function channelMeans(data: Uint8Array): [number, number, number] {
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let i = 0; i < data.length; i += 3) {
    red += data[i]!;
    green += data[i + 1]!;
    blue += data[i + 2]!;
  }
  const pixels = data.length / 3;
  return [red / pixels, green / pixels, blue / pixels];
}
