/** Learning: training, evaluation, and reading and writing of model files. Callers read and write the files. */
export { AdaptiveModel } from './adaptive/adaptive-model.ts';
export { type LearningResponse, OutcomeReplay } from './adaptive/outcome-replay.ts';
export { type Progress, ProgressiveValidation } from './adaptive/progressive.ts';
export type { AdaptiveShape, Cell } from './adaptive/response-encoder.ts';
export { ColumnSignals, leakNotices } from './column-signals.ts';
export {
  contributionsOf,
  explainableAdditive,
  type ExplainableModel,
  readExplainable,
  transparencyOf,
} from './explain/contributions-of.ts';
export { sumOfTrees, type TreeEnsemble } from './explain/tree-ensemble.ts';
export { TreeShapley } from './explain/tree-shapley.ts';
export { type AdditiveModel, fitAdditive, logistic, logOdds, penalisedLoss, type Responses, type Shrinkage } from './fit-additive.ts';
export { inferFeatures } from './infer-features.ts';
export { measureQuality, type ModelQuality } from './model-quality.ts';
export { type PropensityTrees, type ReadModel, readPropensityModel } from './onnx/read-propensity-model.ts';
export { modelFileFault } from './onnx/scan-bundle.ts';
export { type ModelFault, scanPropensityModel } from './onnx/scan-model.ts';
export { ModelProto } from './onnx/schema.ts';
export { type AdditiveWeights, additivePropensity, writeAdditiveModel } from './onnx/write-additive-model.ts';
export { readCell } from './read-cell.ts';
export { seededRandom } from './seeded-random.ts';
export { readTable, recogniseSeparator, SeparatedRows, type SeparatedRow, type Table } from './separated-rows.ts';
export { type Training, type TrainingSettings, trainPropensity } from './train-propensity.ts';
export type { TrainingFault, TrainingFaultCode } from './training-fault.ts';
