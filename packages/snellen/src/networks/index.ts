// The registry of networks that can be trained from scratch: the command line's choices are made from it.
import { findById } from "../find-by-id.ts";
import { mlp } from "./mlp.ts";
import type { Network } from "./network.ts";
import { plainCnn } from "./plain-cnn.ts";
import { resnet } from "./resnet.ts";
import { vit } from "./vit.ts";

export { mlp, plainCnn, resnet, vit };

/** All networks that can be trained from scratch. */
export const networks: readonly Network[] = [mlp, plainCnn, resnet, vit];

/**
 * The network of an id.
 * @throws UsageError `unknown-network` with the nearest known id
 */
export const network = (id: string): Network =>
  findById(networks, id, { code: "unknown-network", what: "network", flag: "network" });
