// What a thread of the corruption pool does: one order after another, pixels in, pixels out.
import Tinypool from "tinypool";
import { type CorruptionOrder, type CorruptorOptions, createCorruptor } from "../corruptions/corruptor.ts";
import type { Image } from "../images/image.ts";
import { answerOf, type ThreadAnswer } from "./thread-answer.ts";

export interface WorkerTask {
  readonly pixels: readonly Pick<Image, "width" | "height" | "data" | "source">[];
  readonly order: CorruptionOrder;
}

const corruptor = createCorruptor(Tinypool.workerData as CorruptorOptions);

/** The corrupted pictures' bytes. */
export const work = ({ pixels, order }: WorkerTask): Promise<ThreadAnswer<Uint8Array[]>> =>
  answerOf(async () => (await corruptor.corrupt(pixels, order)).map(({ data }) => data));
