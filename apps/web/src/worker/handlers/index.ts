// Every request that the worker answers, by name, loaded when it is first asked for. The page knows their types and nothing else of this
// folder.
export const handlers = {
  open: async () => (await import("./open.ts")).open,
  describe: async () => (await import("./describe.ts")).describe,
  device: async () => (await import("./device.ts")).device,
  images: async () => (await import("./images.ts")).images,
  addImage: async () => (await import("./images.ts")).addImage,
  optotypes: async () => (await import("./images.ts")).optotypes,
  heatMaps: async () => (await import("./heat-maps.ts")).heatMaps,
  field: async () => (await import("./field.ts")).field,
  robustness: async () => (await import("./robustness.ts")).robustness,
  groups: async () => (await import("./normalization.ts")).groups,
  gammas: async () => (await import("./normalization.ts")).gammas,
  mendKernelPadding: async () => (await import("./mend.ts")).mendKernelPadding,
  mendPatchEmbedding: async () => (await import("./mend.ts")).mendPatchEmbedding,
  mendGroupNumbers: async () => (await import("./mend.ts")).mendGroupNumbers,
  exam: async () => (await import("./exam.ts")).exam,
  readExam: async () => (await import("./exam.ts")).readExam,
} as const;
