/**
 * The stages of decisions by group: of the customers whose attributes a file holds, how many a stage let through to any of some actions.
 * A customer counts once, with the furthest that any of their decisions came. Records hold no protected attribute; the two meet here, in
 * this process's memory, and only counts leave it.
 */
import { type DecisionRecord } from '#contract/decision-record.ts';
import { REASON_ALPHABET, REASONS, STAGES } from '#contract/reason-codes.ts';
import type { DataFile } from '../datasets/data-file.ts';
import { attributeOf, type FairnessRows, stageRows } from './fairness-rows.ts';
import { ValueCodes } from './value-codes.ts';

export interface RecordColumns {
  readonly customer: string;
  readonly groups: readonly string[];
  readonly bins: ReadonlyMap<string, readonly number[]>;
}

const SHOWN = STAGES.length - 1;

/** `actions`: numbers of the revision's actions that are asked about. */
export const readFairnessRecords = async (
  data: DataFile,
  columns: RecordColumns,
  records: Iterable<DecisionRecord>,
  actions: readonly number[],
): Promise<FairnessRows> => {
  const reached = new Map<string, number>();
  for (const { customerId, callId, reasons } of records) {
    if (customerId === null) continue;
    const furthest = Math.max(...actions.map((action) => stageOf(reasons[action], callId)));
    reached.set(customerId, Math.max(furthest, reached.get(customerId) ?? 0));
  }
  const at = (name: string): number => data.columns.indexOf(name);
  const customerAt = at(columns.customer);
  const attributes = columns.groups.map((name) => ({ name, at: at(name), values: new ValueCodes() }));
  const furthest: number[] = [];
  const counted = new Set<string>();
  for await (const { fields } of data.rows) {
    const customer = (fields[customerAt] ?? '').trim();
    const stage = reached.get(customer);
    if (stage === undefined || counted.has(customer)) continue;
    counted.add(customer);
    furthest.push(stage);
    for (const attribute of attributes) attribute.values.addGroup(fields[attribute.at] ?? '');
  }
  const known = attributes.map(({ name, values }) => attributeOf(data.file, name, values, columns.bins.get(name) ?? null));
  return {
    n: furthest.length,
    stages: STAGES.flatMap((stage, place) => {
      const there = Int32Array.from(furthest.keys()).filter((row) => (furthest[row] ?? 0) >= place);
      const cells = Int32Array.from(furthest, (own) => ((place === SHOWN ? own === SHOWN : own > place) ? 1 : 3));
      // A stage that stops nobody says nothing.
      const isIdle = place < SHOWN && there.every((row) => cells[row] === 1);
      return isIdle || there.length === 0
        ? []
        : [stageRows(stage, place === SHOWN ? Int32Array.from(furthest.keys()) : there, cells, known)];
    }),
  };
};

/** Where a letter of a record's reasons ends an action, as a place among the stages. */
const stageOf = (letter: string | undefined, callId: string): number => {
  const reason = letter === undefined ? undefined : REASONS[REASON_ALPHABET.indexOf(letter)];
  if (reason === undefined) throw new Error(`a record of call ${callId} has no reason for an action of its revision`);
  return STAGES.indexOf(reason.code === 'must-say-only' ? 'threshold' : reason.stage);
};
