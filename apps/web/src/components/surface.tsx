// A picture that is pointed at, or gone over by arrow keys: tells where, as shares of its height and width, and draws a frame there.
import type { ComponentChildren, TargetedPointerEvent } from "preact";

/** Rows and columns. */
export type Pair = readonly [row: number, column: number];

interface SurfaceProps {
  readonly label: string;
  /** Where the pointer is, 0 to 1. */
  readonly onPoint: (at: Pair) => void;
  /** An arrow key: one step along an axis. */
  readonly onStep: (by: Pair) => void;
  readonly onLeave?: () => void;
  /** In shares of height and width. */
  readonly frame: { readonly corner: Pair; readonly size: Pair } | null;
  readonly children: ComponentChildren;
}

const STEPS: Readonly<Record<string, Pair>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function placeOf({ currentTarget, clientX, clientY }: TargetedPointerEvent<HTMLElement>): Pair {
  const box = currentTarget.getBoundingClientRect();
  return [(clientY - box.top) / box.height, (clientX - box.left) / box.width];
}

const percent = (share: number): string => `${100 * share}%`;

export const Surface = ({ label, onPoint, onStep, onLeave, frame, children }: SurfaceProps) => (
  <div
    class="surface"
    role="application"
    aria-label={label}
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes arrow keys
    tabIndex={0}
    onPointerDown={(event) => onPoint(placeOf(event))}
    onPointerMove={(event) => onPoint(placeOf(event))}
    onPointerLeave={(event) => {
      // a finger that is lifted leaves too; what it pointed at is to be read
      if (event.pointerType === "mouse") onLeave?.();
    }}
    onKeyDown={(event) => {
      const by = STEPS[event.key];
      if (by === undefined) return;
      event.preventDefault();
      onStep(by);
    }}
  >
    {children}
    {frame !== null && (
      <span
        class="cell"
        style={{
          top: percent(frame.corner[0]),
          left: percent(frame.corner[1]),
          height: percent(frame.size[0]),
          width: percent(frame.size[1]),
        }}
      />
    )}
  </div>
);
