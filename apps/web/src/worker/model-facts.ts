// What the page shows of a model and offers for it, as plain data: everything in menus comes from here and from the registries.
import {
  camMethods,
  corruptionSets,
  corruptions,
  type Family,
  groupedBlocks,
  type Inspection,
  inspection,
  preLayerNormModes,
  preprocessChoices,
  presets,
  upsamplings,
  whyNot,
} from "snellen/web";
import type { OpenedModel } from "./opened.ts";

export interface ModelFacts {
  readonly name: string;
  readonly bytes: number;
  readonly inspection: Inspection;
  readonly methods: readonly MethodChoice[];
  /** Normalizations whose number of groups can be told; without them `groups` has nothing to say. */
  readonly grouped: number;
  readonly menus: Menus;
}

/** What the registries list, for choices. */
export interface Menus {
  readonly upsamplings: readonly Choice[];
  readonly corruptions: readonly (Choice & { readonly family: Family })[];
  readonly corruptionSets: readonly (Choice & { readonly members: number })[];
  readonly preLayerNormModes: readonly (typeof preLayerNormModes)[number][];
  readonly preprocessing: typeof preprocessChoices & { readonly presets: readonly string[] };
}

export interface Choice {
  readonly id: string;
  readonly summary: string;
}

export interface MethodChoice {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  /** Whether it takes one run of the network. */
  readonly isQuick: boolean;
  /** Why it cannot explain this network at its default layer; null where it can. */
  readonly whyNot: string | null;
}

export function modelFacts({ bytes, vision }: OpenedModel): ModelFacts {
  const { info } = vision;
  const layer = info.layers.default;
  return {
    name: bytes.name,
    bytes: bytes.model.bytes?.byteLength ?? 0,
    inspection: inspection(info, bytes.name),
    methods: camMethods.map((method) => ({
      id: method.id,
      title: method.title,
      summary: method.summary,
      isQuick: method.kind !== "channels",
      whyNot:
        layer === undefined
          ? method.kind === "pixels"
            ? null
            : "nothing spatial lies between image and scores"
          : (whyNot(info, method, layer) ?? null),
    })),
    grouped: groupedBlocks(info).length,
    menus: MENUS,
  };
}

const MENUS: Menus = {
  upsamplings: upsamplings.map(({ id, summary }) => ({ id, summary })),
  corruptions: corruptions.map(({ id, family, summary }) => ({ id, family, summary })),
  corruptionSets: corruptionSets.map(({ id, summary, members }) => ({
    id,
    summary,
    members: members.length,
  })),
  preLayerNormModes,
  preprocessing: { ...preprocessChoices, presets: Object.keys(presets) },
};
