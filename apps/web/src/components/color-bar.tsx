// What the colours of a heat map stand for: from against to for a class, or from nothing to the most.
import { heatColor, sunset } from "snellen/web";

interface ColorBarProps {
  /** Two-way, with zero in the middle. */
  readonly isSigned: boolean;
  /** Value of the last colour. */
  readonly high: number;
  readonly title: string;
}

const STOPS = 9;

const gradient = (isSigned: boolean): string =>
  Array.from({ length: STOPS }, (_, i) => {
    const share = i / (STOPS - 1);
    return `rgb(${(isSigned ? heatColor(share, sunset) : heatColor(share)).join(" ")})`;
  }).join(", ");

export function ColorBar({ isSigned, high, title }: ColorBarProps) {
  const most = high.toPrecision(2);
  return (
    <div class="color-bar">
      <span>{isSigned ? `−${most} against ${title}` : "0"}</span>
      <span class="colors" style={{ background: `linear-gradient(to right, ${gradient(isSigned)})` }} />
      <span>{isSigned ? `${most} for` : `${most}, for ${title}`}</span>
    </div>
  );
}
