/** The door for answers of the system of record: each is counted, and told on after its commit. */
import type { Outcome } from '#contract/outcome.ts';
import type { Counters } from '../store/counters.ts';
import type { Store } from '../store/open-store.ts';
import type { ActionRequestRow } from '../store/tables.ts';
import { type AnswerResult, parseAnswer, takeAnswer } from './take-answer.ts';

interface Settings {
  readonly store: Store;
  readonly counters: Counters;
  readonly nowMs: () => number;
  readonly accepted: (row: ActionRequestRow, outcome: Outcome) => void;
}

/** Returns what takes one; it rejects only when the store fails. */
export function answerTaker({ store, counters, nowMs, accepted }: Settings): (body: unknown) => Promise<AnswerResult> {
  return async (body) => {
    const event = parseAnswer(body);
    const result: AnswerResult =
      typeof event === 'string'
        ? { result: 'refused', reason: 'bad-answer', detail: event }
        : await store.transaction((tx) => takeAnswer(tx, event, nowMs()));
    counters.add(`answers: ${result.result}${result.result === 'refused' ? ` ${result.reason}` : ''}`);
    if (result.result === 'accepted') accepted(result.row, result.outcome);
    return result;
  };
}
