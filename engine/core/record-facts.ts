/**
 * The facts of a decision as its record holds them, under `inputs`: by the names they have in facts.ts, in their canonical
 * order. One that is as it is most of the time is left out.
 */
import type { DecisionRecord } from '#contract/decision-record.ts';
import type { CompiledRevision } from './compile-revision.ts';
import type { DecisionFacts, FieldFact } from './facts.ts';
import type { JsonBytes } from './json-bytes.ts';
import { memberKey } from './json-bytes.ts';

const USUAL: Readonly<DecisionFacts> = {
  answered: [],
  arm: 'nba',
  basis: [],
  capturePaused: false,
  challenged: false,
  channel: 'voice',
  contact: [],
  control: false,
  counts: [],
  eventsMissing: false,
  excluded: [],
  fields: [],
  gapWaived: false,
  heldOut: [],
  heldSinceMs: null,
  history: 'known',
  influence: [],
  language: '',
  lastShownAtMs: null,
  laterAtMs: null,
  level: 'standard',
  modelFields: [],
  open: [],
  phase: 'active',
  quiet: false,
  rejected: [],
  revisionExpired: false,
  said: [],
  silentSinceMs: null,
  snoozed: [],
  speaking: false,
  understoodBy: null,
  unread: false,
  usage: [],
  used: 0,
};

/** The facts of a record, the usual ones included. */
export const recordedFacts = ({ inputs }: DecisionRecord): DecisionFacts => ({ ...USUAL, ...(inputs as Partial<DecisionFacts>) });

/** The channel of a decision, and the fields that its stages read or that are learnt from, as its record has them. */
export function recordedFields(
  { slots, usedFields }: CompiledRevision,
  record: DecisionRecord,
): { readonly channel: DecisionFacts['channel']; readonly field: (path: string) => FieldFact } {
  const { channel, fields } = recordedFacts(record);
  return { channel, field: (path) => fields[usedFields.indexOf(slots.find(path) ?? -1)] ?? null };
}

const KEYS = Object.fromEntries(Object.keys(USUAL).map((name) => [name, memberKey(name)])) as Readonly<
  Record<keyof DecisionFacts, Uint8Array>
>;

/** A stretch of `fields` whose JSON is known: the values from `from` on, `count` of them, without brackets. */
export interface WrittenFields {
  readonly from: number;
  readonly count: number;
  readonly json: Uint8Array;
}

/** One line a fact, so that each is read where it lies; decided again, a record that lacks one would not be the same. */
export function writeFacts(json: JsonBytes, facts: DecisionFacts, written: WrittenFields | null): void {
  json.open();
  list(json, KEYS.answered, facts.answered);
  other(json, KEYS.arm, facts.arm, USUAL.arm);
  list(json, KEYS.basis, facts.basis);
  other(json, KEYS.capturePaused, facts.capturePaused, USUAL.capturePaused);
  other(json, KEYS.challenged, facts.challenged, USUAL.challenged);
  other(json, KEYS.channel, facts.channel, USUAL.channel);
  list(json, KEYS.contact, facts.contact);
  other(json, KEYS.control, facts.control, USUAL.control);
  list(json, KEYS.counts, facts.counts);
  other(json, KEYS.eventsMissing, facts.eventsMissing, USUAL.eventsMissing);
  list(json, KEYS.excluded, facts.excluded);
  if (written === null) list(json, KEYS.fields, facts.fields);
  else fields(json, facts.fields, written);
  other(json, KEYS.gapWaived, facts.gapWaived, USUAL.gapWaived);
  list(json, KEYS.heldOut, facts.heldOut);
  other(json, KEYS.heldSinceMs, facts.heldSinceMs, USUAL.heldSinceMs);
  other(json, KEYS.history, facts.history, USUAL.history);
  list(json, KEYS.influence, facts.influence);
  other(json, KEYS.language, facts.language, USUAL.language);
  other(json, KEYS.lastShownAtMs, facts.lastShownAtMs, USUAL.lastShownAtMs);
  other(json, KEYS.laterAtMs, facts.laterAtMs, USUAL.laterAtMs);
  other(json, KEYS.level, facts.level, USUAL.level);
  list(json, KEYS.modelFields, facts.modelFields);
  list(json, KEYS.open, facts.open);
  other(json, KEYS.phase, facts.phase, USUAL.phase);
  other(json, KEYS.quiet, facts.quiet, USUAL.quiet);
  list(json, KEYS.rejected, facts.rejected);
  other(json, KEYS.revisionExpired, facts.revisionExpired, USUAL.revisionExpired);
  list(json, KEYS.said, facts.said);
  other(json, KEYS.silentSinceMs, facts.silentSinceMs, USUAL.silentSinceMs);
  list(json, KEYS.snoozed, facts.snoozed);
  other(json, KEYS.speaking, facts.speaking, USUAL.speaking);
  other(json, KEYS.understoodBy, facts.understoodBy, USUAL.understoodBy);
  other(json, KEYS.unread, facts.unread, USUAL.unread);
  list(json, KEYS.usage, facts.usage);
  other(json, KEYS.used, facts.used, USUAL.used);
  json.close();
}

function list(json: JsonBytes, key: Uint8Array, values: readonly unknown[]): void {
  if (values.length === 0) return;
  json.member(key);
  json.list(values);
}

function other(json: JsonBytes, key: Uint8Array, value: string | number | boolean | null, usual: typeof value): void {
  if (value === usual) return;
  json.member(key);
  json.value(value);
}

function fields(json: JsonBytes, values: DecisionFacts['fields'], { from, count, json: known }: WrittenFields): void {
  json.member(KEYS.fields);
  json.openList();
  json.items(values, 0, from);
  if (from > 0) json.comma();
  json.raw(known);
  if (from + count < values.length) json.comma();
  json.items(values, from + count, values.length);
  json.closeList();
}
