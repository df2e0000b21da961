/** Policy text → checked revision, and what another revision would do to decisions. */
export { statementBytes, statementOf } from './bundle-statement.ts';
export { ActionFunnel } from './action-funnel.ts';
export { BlastRadius, type Situation } from './blast-radius/blast-radius.ts';
export type { BlastReport } from './blast-radius/blast-report.ts';
export { CarriedFacts } from './blast-radius/carried-facts.ts';
export { type RequestDefaults, requestInputs } from './request-inputs.ts';
export { tierOf } from './tier-of.ts';
export { describeBlast } from './blast-radius/describe-blast.ts';
export { gapsThatMattered } from './blast-radius/gaps.ts';
export type { RuleChange } from './blast-radius/rule-changes.ts';
export { checkIntents, describeIntentFinding, type IntentFinding } from './check-intents.ts';
export { checkModel, describeModelFinding, isTransparentEnough, type ModelCheck } from './check-model.ts';
export { checkRevision, type RevisionCheck } from './check-revision.ts';
export { type LeverAnswer, type LeverQuestion, solveLever } from './solve-lever.ts';
export { revisionHash } from './revision-hash.ts';
