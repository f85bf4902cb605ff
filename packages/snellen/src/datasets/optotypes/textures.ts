// The textures behind the letters: each draws its parameters and returns a field over the unit square.
// Fields live in image coordinates (0 … 1), so that one seed gives one scene at every image size.

import type { RandomStream } from "../../random.ts";

/** A scalar field over the unit square, x to the right and y down; its range is the texture's own. */
export type Field = (x: number, y: number) => number;

/** The registry of textures; keys are the ids that samples report. */
export const textures = {
  noise: (random) => valueNoise(random, random.integer(2, 6), 4, random.uniform(0.45, 0.75)),
  gradient,
  stripes,
  checker,
  blobs,
} as const satisfies Record<string, (random: RandomStream) => Field>;

export type TextureId = keyof typeof textures;

export const textureIds = Object.keys(textures) as readonly TextureId[];

/**
 * Value noise summed over octaves: random values on a lattice, smoothly interpolated.
 *
 * @param cells  lattice cells along one side in the first octave; each further octave doubles them
 * @param persistence  amplitude of an octave relative to the one before
 */
export function valueNoise(random: RandomStream, cells: number, octaves: number, persistence: number): Field {
  const layers = Array.from({ length: octaves }, (_, octave) =>
    lattice(random, cells * 2 ** octave, persistence ** octave),
  );
  return (x, y) => {
    let sum = 0;
    for (const layer of layers) sum += layer(x, y);
    return sum;
  };
}

function lattice(random: RandomStream, cells: number, amplitude: number): Field {
  const stride = cells + 1;
  const values = Float32Array.from({ length: stride * stride }, () => random.uniform(-amplitude, amplitude));
  return (x, y) => {
    const column = Math.min(cells - 1, Math.floor(x * cells));
    const row = Math.min(cells - 1, Math.floor(y * cells));
    const u = smoothstep(x * cells - column);
    const v = smoothstep(y * cells - row);
    const i = row * stride + column;
    const above = values[i]! + u * (values[i + 1]! - values[i]!);
    const below = values[i + stride]! + u * (values[i + stride + 1]! - values[i + stride]!);
    return above + v * (below - above);
  };
}

function smoothstep(t: number): number {
  return t * t * (3 - 2 * t);
}

function gradient(random: RandomStream): Field {
  if (random.uniform(0, 1) < 0.5) {
    const angle = random.uniform(0, 2 * Math.PI);
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    return (x, y) => cos * x + sin * y;
  }
  const centerX = random.uniform(0, 1);
  const centerY = random.uniform(0, 1);
  return (x, y) => Math.sqrt((x - centerX) ** 2 + (y - centerY) ** 2);
}

// A sine made steeper and clipped: from a soft wave to bars with a narrow edge.
function wave(random: RandomStream, cycles: number, angle: number): Field {
  const frequencyX = 2 * Math.PI * cycles * Math.cos(angle);
  const frequencyY = 2 * Math.PI * cycles * Math.sin(angle);
  const phase = random.uniform(0, 2 * Math.PI);
  const steepness = random.uniform(1, 4);
  return (x, y) => {
    const value = steepness * Math.sin(frequencyX * x + frequencyY * y + phase);
    return Math.max(-1, Math.min(1, value));
  };
}

function stripes(random: RandomStream): Field {
  return wave(random, random.uniform(2, 10), random.uniform(0, Math.PI));
}

function checker(random: RandomStream): Field {
  const cycles = random.uniform(1.5, 6);
  const angle = random.uniform(0, Math.PI / 2);
  const across = wave(random, cycles, angle);
  const along = wave(random, cycles, angle + Math.PI / 2);
  return (x, y) => across(x, y) * along(x, y);
}

function blobs(random: RandomStream): Field {
  const spots = Array.from({ length: random.integer(6, 20) }, () => ({
    x: random.uniform(0, 1),
    y: random.uniform(0, 1),
    radius: random.uniform(0.04, 0.2),
    height: random.pick([-1, 1]) * random.uniform(0.5, 1),
  }));
  return (x, y) => {
    let sum = 0;
    for (const spot of spots) {
      const squared = ((x - spot.x) ** 2 + (y - spot.y) ** 2) / spot.radius ** 2;
      if (squared < 9) sum += spot.height * Math.exp(-squared);
    }
    return sum;
  };
}
