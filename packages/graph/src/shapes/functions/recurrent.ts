// Shapes of recurrent layers: all hidden states, the last one, and for LSTM the last cell state.
// ONNX: RNN, GRU, LSTM 14 (layout 1 puts the batch first).
import { attr } from "../../model.ts";
import { given, type ShapeTable } from "./support.ts";

const recurrent = given(3, ({ node }, x, _w, r) => {
  const batchFirst = attr.int(node, "layout", 0) === 1;
  const [first, second] = x.dims as [number, number, number];
  const [sequence, batch] = batchFirst ? [second, first] : [first, second];
  const directions = attr.string(node, "direction", "forward") === "bidirectional" ? 2 : 1;
  const hidden = r.dims[2] as number;
  const { dataType } = x;
  const all = batchFirst ? [batch, sequence, directions, hidden] : [sequence, directions, batch, hidden];
  const last = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  return [
    { dataType, dims: all },
    { dataType, dims: last },
    { dataType, dims: last },
  ];
});

export const recurrentLayers: ShapeTable = { RNN: recurrent, GRU: recurrent, LSTM: recurrent };
