// Which layer to read from: the default, or any that has a grid.
import type { Inspection } from "snellen/web";
import { Choice } from "./choice.tsx";

interface LayerChoiceProps {
  readonly inspection: Inspection;
  readonly value: string;
  readonly onChange: (layer: string) => void;
}

export const LayerChoice = ({ inspection, value, onChange }: LayerChoiceProps) => (
  <Choice
    label="Layer"
    value={value}
    options={[
      { value: "auto", text: `default (${inspection.defaultLayer ?? "none"})` },
      ...inspection.layers.map((layer) => ({
        value: layer.value,
        text: `${layer.value} (${layer.grid.join("×")})`,
      })),
    ]}
    onChange={onChange}
  />
);
