// What the network says: the likeliest classes with their probabilities.
import type { TopClass } from "snellen/web";

interface PredictionBarsProps {
  readonly top: readonly TopClass[];
  /** The picture's own class, where it is known. */
  readonly label?: number | undefined;
}

export const PredictionBars = ({ top, label }: PredictionBarsProps) => (
  <ol class="predictions" aria-label="Likeliest classes">
    {top.map(({ classIndex, name, probability }) => (
      <li key={classIndex}>
        <span class="name">
          {name}
          {classIndex === label && <span title="the picture's own class"> ✓</span>}
        </span>
        <span class="track" aria-hidden="true">
          <span class="fill" style={{ width: `${100 * probability}%` }} />
        </span>
        <span class="number">{(100 * probability).toFixed(1)} %</span>
      </li>
    ))}
  </ol>
);
