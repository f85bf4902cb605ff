// snellen: methods, vision models and exams, for Node and browsers alike. A door (`snellen/node`, `snellen/web`) hands over
// a runtime, files and decoded images.
export { CAM, camGraph } from "./cam/cam-graph.ts";
export type { CamMap, Grid } from "./cam/cam-map.ts";
export type { ConceptClass } from "./cam/concepts/concept-classes.ts";
export { type ConceptMapOptions, conceptMaps } from "./cam/concepts/concept-maps.ts";
export { type Factorization, type Features, factorize } from "./cam/concepts/concepts.ts";
export {
  type Concept,
  type ConceptImage,
  type ConceptOptions,
  type Concepts,
  concepts,
} from "./cam/concepts/run-concepts.ts";
export {
  type ExportCamOptions,
  type ExportedCam,
  type ExportedOutput,
  exportCam,
} from "./cam/export-cam.ts";
export { OPEN_TARGET } from "./cam/export-targets.ts";
export { pearson, spearman } from "./cam/measures/correlation.ts";
export { defaultMeasures, measure, measures } from "./cam/measures/index.ts";
export type { Measure } from "./cam/measures/measure.ts";
export {
  type PairedDifference,
  pairedDifference,
  type Summary,
  summarize,
} from "./cam/measures/statistics.ts";
export { type TopClass, topClasses } from "./cam/measures/top-classes.ts";
export type {
  CamMethod,
  ChannelMethod,
  LayerContext,
  LayerMethod,
  PixelContext,
  PixelMethod,
} from "./cam/method.ts";
export { camMethod, camMethods } from "./cam/methods/index.ts";
export { type FoundObject, findObject, type MaskImage, type ReadMask } from "./cam/objects.ts";
export { quickMethods } from "./cam/quick-methods.ts";
export { whyNot } from "./cam/requirements.ts";
export { type CamOptions, layersOf } from "./cam/run-cams.ts";
export { type Sanity, studySanity } from "./cam/sanity/sanity-study.ts";
export {
  CONSERVATION,
  type Configuration,
  type ConfigurationScores,
  configurations,
  EMPTY_MAPS,
  possible,
  type StudyOptions,
  type StudyRow,
  scoreBy,
  studyImage,
  summarizeStudy,
  valuesOf,
} from "./cam/study.ts";
export { type BinarySide, binaryTarget } from "./cam/targets/binary.ts";
export { boxTarget } from "./cam/targets/box.ts";
export { classTarget } from "./cam/targets/class.ts";
export type { ClassReference, LabelledSource } from "./cam/targets/class-reference.ts";
export { differenceTarget } from "./cam/targets/difference.ts";
export { bindTargets, checkTargets, type Target, targetKinds } from "./cam/targets/index.ts";
export { type Box, iouTarget } from "./cam/targets/iou.ts";
export { type Mask, maskFileOf, maskTarget } from "./cam/targets/mask.ts";
export { outputTarget } from "./cam/targets/output.ts";
export { probabilityTarget } from "./cam/targets/probability.ts";
export { type Region, regionTarget } from "./cam/targets/region.ts";
export { type BoundTarget, NO_CLASS, type TargetFacts, type TargetKind } from "./cam/targets/target.ts";
export { upsampling, upsamplings } from "./cam/upsampling/index.ts";
export { ERF_SIGMA, parseSigma, type Sigma } from "./cam/upsampling/sigma.ts";
export { type CorruptOptions, corrupt, corruptPixels } from "./corruptions/corrupt.ts";
export {
  type Corruption,
  defineCorruption,
  type Family,
  families,
  type Pixels,
  type Severity,
  severities,
} from "./corruptions/corruption.ts";
export {
  type CorruptionOrder,
  type Corruptor,
  type CorruptorOptions,
  createCorruptor,
} from "./corruptions/corruptor.ts";
export { corruption, corruptionSets, corruptions, selectCorruptions } from "./corruptions/index.ts";
export { type DrawnAnnotation, type DrawnSample, type DrawnSet, drawnFiles } from "./datasets/drawn-set.ts";
export { drawnSet, drawnSets } from "./datasets/drawn-sets.ts";
export type { Split } from "./datasets/file-set.ts";
export { datasets, type NamedDataset } from "./datasets/index.ts";
export { labelsOfJson, parseJson, parseLabels } from "./datasets/labels.ts";
export {
  annotateOptotype,
  type OptotypeAnnotation,
  optotypeAnnotations,
  optotypeFiles,
} from "./datasets/optotypes/annotations.ts";
export { makeOptotype, type Optotype, optotypes } from "./datasets/optotypes/optotype.ts";
export { optotypeLabels } from "./datasets/optotypes/sloan-letters.ts";
export { limitPictures } from "./datasets/pictures/limit-pictures.ts";
export { sharedPictures } from "./datasets/pictures/shared-pictures.ts";
export { splitPictures } from "./datasets/pictures/split-pictures.ts";
export type {
  PictureRecipe,
  PictureShape,
  TrainingPictures,
} from "./datasets/pictures/training-pictures.ts";
export type { Artifacts, GatherContext, ImageSet } from "./exam/artifacts.ts";
export { type Audit, type AuditDefinition, defineAudit, type Finding, type Verdict } from "./exam/audit.ts";
export { type ComparedFigure, compareExams, type ExamComparison } from "./exam/comparison.ts";
export type { AuditRow, ExamResult, Plot } from "./exam/result.ts";
export { createExamGroup, type ExamGroup, type Examinee } from "./exam/robustness/exam-group.ts";
export { type ExamContext, runExam } from "./exam/run-exam.ts";
export { captioned } from "./images/captioned.ts";
export { type ColorMap, colorMap, colorMaps, sunset } from "./images/color-maps.ts";
export { conceptPicture, MOST_CONCEPTS } from "./images/concept-picture.ts";
export { contactSheet, PAGE_ROWS, type Sheet, type SheetRow } from "./images/contact-sheet.ts";
export { evenly } from "./images/evenly.ts";
export {
  type Image,
  type ImageInput,
  type ImageLabel,
  isAnnotated,
  isPreprocessed,
  maskFilesOf,
  type PreprocessedImage,
} from "./images/image.ts";
export {
  heatColor,
  type OverlayOptions,
  overlay,
  type Picture,
  sideBySide,
  strongest,
} from "./images/overlay.ts";
export { fitImage } from "./images/preprocess.ts";
export {
  createPreprocessSpec,
  type PreprocessOptions,
  type PreprocessSpec,
  preprocessChoices,
} from "./images/preprocess-spec.ts";
export { presets } from "./images/presets.ts";
export {
  noReadableImage,
  type ReadPictures,
  readPictures,
  type SkippedPicture,
} from "./images/read-pictures.ts";
export { requirePixels } from "./images/require-pixels.ts";
export { type Scale, type ScaleRange, scale, scales } from "./images/scale.ts";
export { scalePicture } from "./images/scale-picture.ts";
export { type SheetCell, type SheetMap, sheetCell } from "./images/sheet-cell.ts";
export {
  inBatches,
  type SkippedImage,
  type Source,
  skipReason,
  streamInOrder,
  unlessUnreadable,
} from "./images/stream.ts";
export { type Bench, MOST_COMPARED, noiseBench, pictureBench } from "./mend/compare-outputs.ts";
export { type GroupsChange, type GroupsFacts, type MendGroupsOptions, mendGroups } from "./mend/groups.ts";
export { type KernelPaddingFacts, type MendKernelsOptions, mendKernels } from "./mend/kernel-padding.ts";
export type { MendedModel, Mending, Reopen } from "./mend/mending.ts";
export { type MendPatchesOptions, mendPatches, type PreLayerNormFacts } from "./mend/prelayernorm.ts";
export { mlp, network, networks, plainCnn, resnet, vit } from "./networks/index.ts";
export { commonOptions, type Network as NetworkDefinition } from "./networks/network.ts";
export { type NetworkOption, type NetworkOptionTable, readOptions } from "./networks/network-options.ts";
export { expandFusedNormalizations, findNormalizations } from "./normalization/find-normalizations.ts";
export { type FoldedNormalization, foldedNormalization } from "./normalization/folded.ts";
export {
  type GammaPlan,
  type GammaPlanOptions,
  gammaPlan,
  type PlannedBlock,
  type PlannedGamma,
} from "./normalization/gammas/gamma-plan.ts";
export { type GammaGuideline, gammaGuidelines } from "./normalization/gammas/guidelines.ts";
export { pytorchPlan } from "./normalization/gammas/pytorch-plan.ts";
export { timmPlan } from "./normalization/gammas/timm-plan.ts";
export { type AdviceEffect, adviceEffect } from "./normalization/groups/advice-effect.ts";
export {
  type AdvisedBlock,
  type AdviseOptions,
  adviseGroups,
  adviseLayers,
  type GroupAdvice,
  groupedBlocks,
  groupNotes,
  type MeasuredOn,
  unfused,
} from "./normalization/groups/advise-groups.ts";
export {
  type IdealGroups,
  type IdealGroupsOptions,
  idealGroups,
} from "./normalization/groups/ideal-groups.ts";
export { gaussianImages } from "./normalization/groups/inputs.ts";
export { conventionFactor, type LayerAdvice } from "./normalization/groups/layer-advice.ts";
export { measureGains } from "./normalization/groups/measure-gains.ts";
export { pytorchGroups } from "./normalization/groups/pytorch-groups.ts";
export { rewriteFile } from "./normalization/groups/rewrite-file.ts";
export { rewriteGroups } from "./normalization/groups/rewrite-groups.ts";
export { countKinds, type KindCounts, kindsText } from "./normalization/kinds.ts";
export {
  parseParameterList,
  type TrainingParameter,
  type TrainingParameters,
} from "./normalization/naming/training-parameters.ts";
export { measureEmbeddingScale } from "./patch-embedding/embedding-scale.ts";
export type { EmbeddingScale, ScaleRow } from "./patch-embedding/embedding-scale-result.ts";
export { findPatchEmbedding } from "./patch-embedding/find-patch-embedding.ts";
export type { PatchEmbedding, PatchEmbeddingSearch } from "./patch-embedding/patch-embedding.ts";
export { type PatchEmbeddingFacts, patchEmbeddingFacts } from "./patch-embedding/patch-embedding-facts.ts";
export {
  type Calibration,
  type CalibrationOptions,
  calibratePreLayerNorm,
} from "./patch-embedding/prelayernorm/calibrate-prelayernorm.ts";
export type { CorruptionEffect, Paired, PreLayerNormEffect } from "./patch-embedding/prelayernorm/effect.ts";
export {
  type EmbeddingChange,
  measureEmbeddingChange,
} from "./patch-embedding/prelayernorm/embedding-change.ts";
export {
  type InsertedPreLayerNorm,
  insertPreLayerNorm,
} from "./patch-embedding/prelayernorm/insert-prelayernorm.ts";
export { measurePreLayerNormEffect } from "./patch-embedding/prelayernorm/measure-effect.ts";
export {
  PRELAYERNORM_EPSILON,
  type PreLayerNorm,
  type PreLayerNormMode,
  preLayerNormModes,
} from "./patch-embedding/prelayernorm/prelayernorm.ts";
export { pytorchPreLayerNorm } from "./patch-embedding/prelayernorm/pytorch-prelayernorm.ts";
export { noPatchEmbedding, requireMode } from "./patch-embedding/prelayernorm/refusals.ts";
export { type JudgedPreLayerNorm, judgePreLayerNorm } from "./patch-embedding/prelayernorm/verdict.ts";
export { embeddingSummary } from "./patch-embedding/summary.ts";
export { type AccuracyRelation, type ComparedModel, relateToAccuracy } from "./receptive-field/compare.ts";
export { type DeadPixelIndices, deadPixelIndices } from "./receptive-field/dead-pixels/dead-pixel-indices.ts";
export {
  type DeadPixelSummary,
  summarizeDeadPixels,
} from "./receptive-field/dead-pixels/dead-pixel-summary.ts";
export {
  checkPerturbation,
  type PerturbationCheck,
} from "./receptive-field/dead-pixels/perturbation.ts";
export { type PhaseMap, phaseMap } from "./receptive-field/dead-pixels/phase-map.ts";
export { type SpectrumPeak, strideSpectrum } from "./receptive-field/dead-pixels/stride-spectrum.ts";
export { type UnevenSampling, unevenSampling } from "./receptive-field/dead-pixels/uneven-sampling.ts";
export { type WeakPixels, weakPixels } from "./receptive-field/dead-pixels/weak-pixels.ts";
export { type Accumulation, accumulation, accumulations } from "./receptive-field/effective/accumulation.ts";
export { blockLayers } from "./receptive-field/effective/block-layers.ts";
export { type FieldPlan, SCORE_SUM } from "./receptive-field/effective/effective.ts";
export { erfSigma } from "./receptive-field/effective/erf-sigma.ts";
export {
  type FieldAndScore,
  measureFieldAndScore,
} from "./receptive-field/effective/field-and-score.ts";
export type { FieldMap } from "./receptive-field/effective/field-map.ts";
export {
  type FieldPictureOptions,
  fieldColours,
  fieldPicture,
} from "./receptive-field/effective/field-picture.ts";
export { decodeProgress, encodeProgress } from "./receptive-field/effective/field-state.ts";
export { type Convergence, type FieldSum, fieldMapOf } from "./receptive-field/effective/field-sum.ts";
export {
  contributions,
  type FieldSummary,
  type SummaryContext,
  summarizeField,
  summaryContext,
} from "./receptive-field/effective/field-summary.ts";
export { loupePicture } from "./receptive-field/effective/loupe-picture.ts";
export type { MeasuredField, MeasureFieldOptions } from "./receptive-field/effective/measure-field.ts";
export {
  type FieldProgress,
  LABELLED_OR_PREDICTED,
  labelledOrPredicted,
  type RunFieldsOptions,
  runFields,
} from "./receptive-field/effective/run-fields.ts";
export {
  type KernelChange,
  type KernelLeft,
  kernelConstants,
  type PaddedKernels,
  type PadKernelsOptions,
  padKernels,
} from "./receptive-field/kernel-padding/kernel-padding.ts";
export {
  noiseFeeds,
  type Outputs,
  outputDifference,
} from "./receptive-field/kernel-padding/output-difference.ts";
export { pytorchSnippet } from "./receptive-field/kernel-padding/pytorch-snippet.ts";
export { imageDims } from "./receptive-field/kernel-padding/sizes.ts";
export { areaRatios, logPicture } from "./receptive-field/size/area-ratios.ts";
export { fitGaussian, type GaussianFit } from "./receptive-field/size/gaussian-fit.ts";
export { meanSigma } from "./receptive-field/size/mean-sigma.ts";
export { type RadialProfile, radialProfile } from "./receptive-field/size/radial-profile.ts";
export {
  type FieldDescription,
  fieldDescription,
  receptiveField,
} from "./receptive-field/theoretical/receptive-field.ts";
export { type AxisField, fieldSize, type ReceptiveField } from "./receptive-field/theoretical/theoretical.ts";
export {
  type FeasibleResolutions,
  feasibleResolutions,
  type UnproductiveLayer,
  unproductiveLayers,
} from "./receptive-field/theoretical/unproductive.ts";
export { comparisonHtml } from "./report/comparison-html.tsx";
export { changeLabel, figureText } from "./report/comparison-text.ts";
export { type Document, type DocumentSection, documentMarkdown } from "./report/document.ts";
export { documentHtml } from "./report/document-html.tsx";
export { shareText } from "./report/estimate-text.ts";
export { examHtml } from "./report/exam-html.tsx";
export {
  BRIGHTNESS,
  brightness,
  fieldMarks,
  offenderTable,
  PADDED_REMEDY,
  paddedText,
  phaseTable,
  profilePlot,
} from "./report/fields.ts";
export { isometryPlot } from "./report/isometry.ts";
export { plotSvg } from "./report/plot-svg.tsx";
export { robustnessHtml } from "./report/robustness-html.tsx";
export { hasCorruptionErrors, isSameTask } from "./report/robustness-text.ts";
export { arrow, type ScoreColumn, sanityTable, scoreBars } from "./report/scores.ts";
export { ratioPlot } from "./report/variance-ratios.ts";
export { VERDICTS } from "./report/verdicts.ts";
export {
  type DeadPixelExperiment,
  type DeadPixelOptions,
  type DeadPixelTrial,
  type Kept,
  reproduceDeadPixels,
} from "./reproduce/dead-pixels/experiment.ts";
export { deadPixelsDocument } from "./reproduce/dead-pixels/report.ts";
export { DEAD_PIXEL_EFFORTS, type DeadPixelEffort } from "./reproduce/dead-pixels/training-effort.ts";
export { type TrainingRun, trainingClaims } from "./reproduce/dead-pixels/trainings.ts";
export {
  type ExperimentResult,
  reproduceExtendedCam,
  type Trial,
} from "./reproduce/extended-cam/experiment.ts";
export { extendedCamDocument } from "./reproduce/extended-cam/report.ts";
export { type GammasExperiment, type GammasOptions, reproduceGammas } from "./reproduce/gammas/experiment.ts";
export { gammasDocument } from "./reproduce/gammas/report.ts";
export { GAMMA_TRAININGS, type GammaTrainingEffort } from "./reproduce/gammas/train-gammas.ts";
export type { GammaTraining } from "./reproduce/gammas/trainings.ts";
export type { GivenModel } from "./reproduce/given.ts";
export { type GroupsExperiment, type GroupsOptions, reproduceGroups } from "./reproduce/groups/experiment.ts";
export { groupsDocument } from "./reproduce/groups/report.ts";
export { GROUP_TRAININGS, type GroupTrainingEffort } from "./reproduce/groups/train-groups.ts";
export type { GroupTraining } from "./reproduce/groups/trainings.ts";
export { type ListedNetwork, parseNetworks } from "./reproduce/networks-file.ts";
export { type PreLayerNormOptions, reproducePreLayerNorm } from "./reproduce/prelayernorm/experiment.ts";
export type { LabelledEntry, PreLayerNormTrial } from "./reproduce/prelayernorm/networks.ts";
export { preLayerNormDocument } from "./reproduce/prelayernorm/report.ts";
export type { PreLayerNormExperiment } from "./reproduce/prelayernorm/result.ts";
export { PRELAYERNORM_EFFORTS, type PreLayerNormEffort } from "./reproduce/prelayernorm/training-effort.ts";
export type { PreLayerNormTraining } from "./reproduce/prelayernorm/trainings.ts";
export { EFFORTS, type Effort, type Study } from "./reproduce/study.ts";
export type { TrainingData, TrainingStudy } from "./reproduce/training-study.ts";
export {
  CLEAN,
  type Condition,
  type CorruptedCondition,
  conditionKey,
  conditionsOf,
} from "./robustness/condition.ts";
export type { Estimate } from "./robustness/figures/estimates.ts";
export { requireReference } from "./robustness/figures/reference.ts";
export { type RobustnessContext, robustnessResult } from "./robustness/figures/result.ts";
export type { RobustnessResult } from "./robustness/figures/result-types.ts";
export { corruptionCsv, type DataTable, robustnessCsv, summaryCsv } from "./robustness/figures/tables.ts";
export {
  createObservations,
  type Observation,
  type Observations,
  type ObservedModel,
} from "./robustness/observations.ts";
export {
  type CorruptedAt,
  type RobustnessPlan,
  type RobustnessRun,
  runRobustness,
} from "./robustness/run-robustness.ts";
export { createSubject, type Subject } from "./robustness/subject.ts";
export { type Device, devices, type Runtime, type SessionOptions } from "./runtime/runtime.ts";
export { sentenceCase } from "./sentence-case.ts";
export { alignClasses, trainedNames, withClasses } from "./train/aligned-classes.ts";
export type { Augment, AugmentationKind } from "./train/augmentation/augmentation.ts";
export { type Augmentation, augmentationKinds, parseAugmentation } from "./train/augmentation/index.ts";
export type { Batch, BatchSource, LabelledPictures } from "./train/batch.ts";
export { type BatchOptions, createBatchMaker } from "./train/batch-maker.ts";
export { type Checkpoint, type EpochMetrics, requireSame } from "./train/checkpoint.ts";
export { decayedScales } from "./train/decayed-scales.ts";
export type { Evaluation } from "./train/evaluator.ts";
export { type FitContext, type FitPlan, fit, isFinished, type StepTold } from "./train/fit.ts";
export { initialise } from "./train/initialise.ts";
export { networkVersion } from "./train/network-version.ts";
export { optimizer } from "./train/optimizers/index.ts";
export { ownParameters } from "./train/own-parameters.ts";
export { findTrainable, type Parameter } from "./train/parameters.ts";
export {
  type PreparedTraining,
  prepareTraining,
  type TrainingWishes,
  trainingNotes,
} from "./train/prepare.ts";
export { schedule } from "./train/schedules.ts";
export type { TrainedModel } from "./train/trained-model.ts";
export { createTraining, type Training, type TrainingContext } from "./train/training.ts";
export { VERSION } from "./version.ts";
export {
  type DescribedModel,
  type DescribeOptions,
  describeModel,
} from "./vision-model/describe.ts";
export type { DeclaredValue, FileFacts } from "./vision-model/file-facts.ts";
export { fitted } from "./vision-model/fitted.ts";
export type { BatchInfo } from "./vision-model/free-batch.ts";
export { type InspectedLayer, type Inspection, inspection } from "./vision-model/inspection.ts";
export type { FeatureLayer, FeatureLayers } from "./vision-model/layers.ts";
export { requireKnown } from "./vision-model/limits.ts";
export { parameterCount } from "./vision-model/parameters.ts";
export { pictureOf } from "./vision-model/picture.ts";
export type { PreprocessingFlags } from "./vision-model/preprocessing.ts";
export { resolveFieldLayer } from "./vision-model/resolve-layer.ts";
export { parseSidecar, SIDECAR_FILES } from "./vision-model/sidecars.ts";
export { statedPreprocessing, withStatedFacts } from "./vision-model/stated-facts.ts";
export {
  createVisionModel,
  type ModelHome,
  type Prediction,
  type VisionModel,
} from "./vision-model/vision-model.ts";
