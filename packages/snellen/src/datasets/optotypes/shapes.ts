// Plane shapes as signed distance functions: negative inside, positive outside, in the units of the plane.
// Booleans by minimum and maximum keep the sign exact and never overstate the distance to the boundary.

/** Signed distance of the point (x, y) to the shape's boundary, or a bound that is no larger in magnitude. */
export type Shape = (x: number, y: number) => number;

// Math.sqrt throughout: Math.hypot is many times slower in V8 and these run for every pixel.

/** The disc of a given centre and radius. */
export function disc(centerX: number, centerY: number, radius: number): Shape {
  return (x, y) => Math.sqrt((x - centerX) ** 2 + (y - centerY) ** 2) - radius;
}

/** The axis-parallel box between two corners. */
export function box(left: number, top: number, right: number, bottom: number): Shape {
  return (x, y) => Math.max(left - x, x - right, top - y, y - bottom);
}

/** A convex polygon; its corners in clockwise order as seen with y pointing down. */
export function polygon(...corners: readonly (readonly [number, number])[]): Shape {
  const sides = corners.map(([x0, y0], i) => {
    const [x1, y1] = corners[(i + 1) % corners.length]!;
    const length = Math.hypot(x1 - x0, y1 - y0);
    const normalX = (y1 - y0) / length;
    const normalY = (x0 - x1) / length;
    return { normalX, normalY, offset: normalX * x0 + normalY * y0 };
  });
  return (x, y) => {
    let distance = Number.NEGATIVE_INFINITY;
    for (const { normalX, normalY, offset } of sides) {
      distance = Math.max(distance, normalX * x + normalY * y - offset);
    }
    return distance;
  };
}

/** Points in at least one of the shapes. */
export function union(...shapes: readonly Shape[]): Shape {
  return (x, y) => {
    let distance = Number.POSITIVE_INFINITY;
    for (const shape of shapes) distance = Math.min(distance, shape(x, y));
    return distance;
  };
}

/** Points of `shape` that lie in none of `cuts`. */
export function without(shape: Shape, ...cuts: readonly Shape[]): Shape {
  return (x, y) => {
    let distance = shape(x, y);
    for (const cut of cuts) distance = Math.max(distance, -cut(x, y));
    return distance;
  };
}

/** The shape turned by half a turn about (centerX, centerY). */
export function halfTurn(shape: Shape, centerX: number, centerY: number): Shape {
  return (x, y) => shape(2 * centerX - x, 2 * centerY - y);
}
