/** The pure core: call events to call state, call state to decision, decision to explanation. Everything it needs is an argument. */
export { arbitrate, decideAgain } from './arbitrate.ts';
export { emptyCall, eventsMissing, reduceCall } from './call-reducer.ts';
export { canonicalJson } from './canonical-json.ts';
export { compileRevision, type CompiledRevision } from './compile-revision.ts';
export type { Core, RecordedInputs } from './decision-record.ts';
export { explain, explainAll, explainRecord } from './explain.ts';
export { exp } from './exponential.ts';
export type { DecisionFacts, FieldFact } from './facts.ts';
export { featureVector, featureWidth } from './features.ts';
export { type FieldValues, fieldValues } from './field-values.ts';
export { type Candidates, filter } from './filter.ts';
export { isoFromMs, parseIsoMs } from './iso-time.ts';
export { type OpenPrompt, promptBudget, type PromptLedger, promptLedger } from './prompt-ledger.ts';
export { NOTHING_SAID, redact, type RedactionState, redactUtterance } from './redaction/redact.ts';
export { smooth } from './smoothing.ts';
