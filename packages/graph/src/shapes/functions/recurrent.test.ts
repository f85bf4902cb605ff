import { it } from "vitest";
import { agreesWithRuntime } from "../test-support/agrees-with-runtime.ts";

it.each([
  "g (float[5,2,3] x, float[1,16,3] w, float[1,16,4] r) => (y) { y, h, c = LSTM <hidden_size = 4> (x, w, r) }",
  'g (float[5,2,3] x, float[2,16,3] w, float[2,16,4] r) => (y) { y, h, c = LSTM <hidden_size = 4, direction = "bidirectional"> (x, w, r) }',
  "g (float[5,2,3] x, float[1,12,3] w, float[1,12,4] r) => (y) { y, h = GRU <hidden_size = 4> (x, w, r) }",
  'g (float[5,2,3] x, float[1,4,3] w, float[1,4,4] r) => (y) { , h = RNN <hidden_size = 4, direction = "reverse"> (x, w, r) }',
])("%s", agreesWithRuntime);
