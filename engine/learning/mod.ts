/** Learning: training, evaluation, and reading and writing of model files. Callers read and write the files. */
export { AdaptiveModel, type LogOddsApart } from './adaptive/adaptive-model.ts';
export { actionCells, type DescribedPrompt, describePrompt, featureCell, learntShape } from './adaptive/describe-prompt.ts';
export { DeskLearning, type FrozenModel, type LearningBase, type OwnResponse } from './adaptive/desk-learning.ts';
export { type LearningResponse, OutcomeReplay } from './adaptive/outcome-replay.ts';
export { type Progress, ProgressiveValidation } from './adaptive/progressive.ts';
export type { AdaptiveShape, Cell } from './adaptive/response-encoder.ts';
export {
  cardGroups,
  challengeOf,
  type CardRow,
  type CardThresholds,
  type Challenge,
  modelCard,
  stabilityIndex,
  type TrainingRow,
} from './card/model-card.ts';
export { ColumnSignals, leakNotices } from './column-signals.ts';
export { type ModelAlert, modelAlerts, type ModelSignals, modelSignals } from './drift/model-signals.ts';
export { countsIn, evenBins, populationStability, PSI_ACT, PSI_WATCH } from './drift/population-stability.ts';
export { meanRewards } from './evaluation/mean-rewards.ts';
export type { Interval } from './evaluation/likelihood-interval.ts';
export { type Estimate, type LoggedChoices, offPolicyEstimates } from './evaluation/off-policy.ts';
export {
  type AnalysisSettings,
  analyseExperiment,
  type Comparison,
  type ExperimentAnalysis,
  type ExperimentRows,
  type Metric,
} from './experiments/analyse.ts';
export type { Estimated } from './experiments/compare-arms.ts';
export { ADJUSTMENTS } from './experiments/multiple-tests.ts';
export { wilsonInterval } from './experiments/wilson.ts';
export { designEffectOf, detectableRate, type ExperimentDesign, powerOf, sampleSize } from './experiments/sample-size.ts';
export { type NamedCounts, type Partition, type PartitionReport, reportOf } from './fairness/fairness-report.ts';
export { selectionGini } from './fairness/gini.ts';
export { type FairnessThresholds, type FairnessWarning, giniWarning, warningsOf } from './fairness/thresholds.ts';
export {
  contributionsOf,
  explainableAdditive,
  type ExplainableModel,
  readExplainable,
  transparencyOf,
} from './explain/contributions-of.ts';
export { sumOfTrees, type TreeEnsemble } from './explain/tree-ensemble.ts';
export { TreeShapley } from './explain/tree-shapley.ts';
export type { ModelParts } from './explain/model-parts.ts';
export { type AdditiveModel, fitAdditive, logistic, logOdds, penalisedLoss, type Responses, type Shrinkage } from './fit-additive.ts';
export { inferFeatures } from './infer-features.ts';
export { measureQuality, type ModelQuality, sixDecimals } from './model-quality.ts';
export { type PropensityTrees, type ReadModel, readPropensityModel } from './onnx/read-propensity-model.ts';
export { importModel, originalRow, originalWithAnswer, realInputs } from './onnx/import-model.ts';
export { decodeGraph, type Value } from './onnx/model-graph.ts';
export { modelFileFault } from './onnx/scan-bundle.ts';
export { type ModelFault, scanPropensityModel } from './onnx/scan-model.ts';
export { ModelProto } from './onnx/schema.ts';
export { type AdditiveWeights, additivePropensity, writeAdditiveModel } from './onnx/write-additive-model.ts';
export type { Reward, RewardSettings } from './rewards/reward.ts';
export { type RewardChanges, RewardLedger } from './rewards/reward-ledger.ts';
export { attribute } from './rewards/attribute.ts';
export { type DescribePrompt, RewardLearner } from './rewards/learn-rewards.ts';
export { isDecimal, readCell } from './read-cell.ts';
export { seededRandom } from './seeded-random.ts';
export { readTable, recogniseSeparator, SeparatedRows, type SeparatedRow, type Table } from './separated-rows.ts';
export { type Training, type PropensitySettings, trainPropensity } from './train-propensity.ts';
export { FORMS, type FormName } from './training-form.ts';
export type { TrainingFault, TrainingFaultCode } from './training-fault.ts';
export { type ClassAnswer, type ClassesQuality, classAnswer, measureClasses, outOfScopeRecall } from './text/class-answers.ts';
export { isNoValue, OUT_OF_SCOPE } from './text/read-labels.ts';
export { networkOdds, softmax } from './text/text-network.ts';
export { type IntentSettings, type IntentTraining, trainIntent } from './text/train-intent.ts';
export { type IntentAnswer, IntentReader, LONGEST_TEXT, MOST_READ_AT_ONCE } from './text/intent-reader.ts';
export { nGramGroups, type Utterance } from './text/n-grams.ts';
export { type SparseRow, Vocabulary } from './text/vocabulary.ts';
export { choiceScores } from './next-action/fit-choice.ts';
export { NextActionReader, type ReadMoment } from './next-action/next-action-reader.ts';
export { type Moment, readSession, type Session, untyped } from './next-action/read-session.ts';
export {
  actionNumbers,
  chartAnswer,
  goldenMoment,
  type NextActionSettings,
  type NextActionTraining,
  trainNextAction,
} from './next-action/train-next-action.ts';
