// A labelled slider that shows its value.
interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly text: string;
  readonly onInput: (value: number) => void;
}

export const Slider = ({ label, value, min, max, step, text, onInput }: SliderProps) => (
  <label class="field">
    <span>
      {label} <span class="value">{text}</span>
    </span>
    <input
      type="range"
      value={value}
      min={min}
      max={max}
      step={step}
      aria-valuetext={text}
      onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
    />
  </label>
);
