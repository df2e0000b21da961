/** What can be wrong with data to train from. */
export type TrainingFaultCode =
  | 'no-such-column'
  | 'no-rows'
  | 'one-class'
  | 'too-few-rows'
  | 'unknown-field'
  | 'forbidden-field'
  | 'bad-value'
  | 'too-many-values'
  | 'no-features'
  | 'bad-action';

export interface TrainingFault {
  readonly code: TrainingFaultCode;
  /** What is wrong, where, and what to do; names columns and lines, quotes at most one cell. */
  readonly detail: string;
}
