// The doors of the packages: what can be imported, from where, and what it is for. Each becomes a page.

export interface Door {
  /** What stands behind `from` in an import. */
  readonly id: string;
  /** Folder of the package. */
  readonly folder: string;
  /** Its entry, under `src`, without extension. */
  readonly entry: string;
  /** Its page under docs/api. */
  readonly page: string;
  readonly summary: string;
  /** Text below the title. */
  readonly intro: string;
  /** Where there is much of it: a page for each folder of sources, with what the folder is about. */
  readonly folders?: Readonly<Record<string, string>>;
}

/** In the order in which they own what several of them export. */
export const doors: readonly Door[] = [
  {
    id: "@snellen/graph",
    folder: "packages/graph",
    entry: "index",
    page: "graph.md",
    summary: "the ONNX model as data: read, write, build, match, rewrite, infer shapes",
    intro:
      "Begin with `parseModel` and `canonicalize`; `createBuilder` adds nodes, `match` finds patterns, and passes are functions from model to model.",
  },
  {
    id: "@snellen/autodiff",
    folder: "packages/autodiff",
    entry: "index",
    page: "autodiff.md",
    summary: "reverse-mode differentiation, graph in, graph out",
    intro:
      "`differentiate` is what most programs need; `backpropagate` adds gradients to a graph that is being built. Models go through `canonicalize` of [`@snellen/graph`](graph.md) first.",
  },
  {
    id: "snellen/exam",
    folder: "packages/snellen",
    entry: "exam/result",
    page: "exam.md",
    summary: "the exam's JSON: its schema and types",
    intro:
      "What `exam.json` holds; the audits are explained in [the exam](../exam.md). It loads nothing but zod.",
  },
  {
    id: "snellen",
    folder: "packages/snellen",
    entry: "index",
    page: "snellen.md",
    summary: "the methods, vision models and exams, for Node and browsers alike",
    intro:
      "Nothing here reads files or opens sessions: `openModel` and images come from [`snellen/node`](node.md) or [`snellen/web`](web.md), which export all of this too. Begin with [`VisionModel`](snellen/vision-model.md#visionmodel), which `openModel` gives.",
    folders: {
      cam: "heat maps: methods, targets, upsampling, measures, concepts, export",
      corruptions: "corrupted pictures",
      datasets: "drawn and read data sets",
      exam: "running exams, audits, comparing models",
      general: "the version",
      images: "pictures, preprocessing, overlays and contact sheets",
      mend: "repairs: a model, what is changed in it, and how its outputs compare",
      networks: "untrained networks as ONNX",
      normalization: "numbers of groups and decay of scales",
      "patch-embedding": "patch embeddings of vision transformers, and PreLayerNorm",
      "receptive-field": "effective and theoretical receptive fields, dead pixels, kernel padding",
      report: "pages, tables and plots of results",
      reproduce: "the papers' experiments",
      robustness: "the benchmark under corruptions",
      runtime: "what a runtime has to offer",
      train: "training by graphs",
      "vision-model": "an opened model: what it takes, predicts and holds",
    },
  },
  {
    id: "snellen/node",
    folder: "packages/snellen",
    entry: "node/index",
    page: "node.md",
    summary: "the door for Node: model files, images from disk, onnxruntime-node, results written atomically",
    intro: "Begin with `openModel` and `openImages`.",
  },
  {
    id: "snellen/web",
    folder: "packages/snellen",
    entry: "web/index",
    page: "web.md",
    summary: "the door for browsers: decoded pictures and onnxruntime-web",
    intro: "Begin with `openModel` and `decodeImage`. Nothing here touches the network by itself.",
  },
  {
    id: "snellen/report",
    folder: "packages/snellen",
    entry: "report/index",
    page: "report.md",
    summary: "reports as Preact components, and their stylesheet",
    intro:
      "For apps that show results themselves; whole pages as strings (`examHtml` and the like) are in [`snellen`](snellen/report.md).",
  },
  {
    id: "snellen/registries",
    folder: "packages/snellen",
    entry: "registries",
    page: "registries.md",
    summary: "what there is to choose from: methods, measures, corruptions, losses, …",
    intro: "Light, without a runtime behind it: for menus, help texts and tables.",
  },
];
