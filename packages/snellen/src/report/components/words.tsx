// Text of a result. Lines break behind hyphens, which would cut a flag such as --preset in two.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from "preact";

const FLAG = /(--[a-z][a-z-]*)/;

/** Text in which the command line's flags stay whole. */
export const Words = ({ children }: { readonly children: string }): JSX.Element => (
  <>
    {children.split(FLAG).map((part, i) =>
      i % 2 === 0 ? (
        part
      ) : (
        <span key={i} class="whole">
          {part}
        </span>
      ),
    )}
  </>
);
