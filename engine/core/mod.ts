/** The pure core: call events to call state, call state to decision, decision to explanation. Everything it needs is an argument. */
export { emptyCall, eventsMissing, reduceCall } from './call-reducer.ts';
export { canonicalJson } from './canonical-json.ts';
export { type CompiledModel, compileModel } from './compile-model.ts';
export { compileRevision, type CompiledRevision } from './compile-revision.ts';
export { periodStartMs, usedNow } from './constraint-use.ts';
export { leavesOf } from './condition-leaves.ts';
export { Decider } from './decider.ts';
export type { Core } from './decision-record.ts';
export { exp } from './exponential.ts';
export type { DecisionFacts, FieldFact } from './facts.ts';
export { featureVector, featureWidth } from './features.ts';
export type { Scores } from './factors.ts';
export type { FieldValues } from './field-values.ts';
export { type Candidates, isReached } from './filter.ts';
export { isoFromMs, parseIsoMs } from './iso-time.ts';
export { type OpenPrompt, promptBudget, type PromptLedger, promptLedger } from './prompt-ledger.ts';
export { NOTHING_SAID, redact, type RedactionState, redactUtterance } from './redaction/redact.ts';
export { smooth } from './smoothing.ts';
