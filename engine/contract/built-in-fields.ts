/** The fields every revision has: facts of the running call, worked out by the core from the call's state. */
import type { CheckedField } from './checked-policy.ts';

const call = (path: string, type: CheckedField['type'], label: string, more: Partial<CheckedField> = {}): CheckedField => ({
  path: `call.${path}`,
  type,
  label,
  subject: 'call',
  kind: 'fact',
  changeableBy: 'nobody',
  ...more,
});

export const CALL_FIELDS: readonly CheckedField[] = [
  call('phase', 'enum', 'Call phase', { values: ['offered', 'ringing', 'active', 'held', 'wrap-up', 'ended'] }),
  call('direction', 'enum', 'Direction', { values: ['inbound', 'outbound'] }),
  call('queue', 'text', 'Queue'),
  call('queueWaiting', 'number', 'Callers waiting'),
  call('identity', 'enum', 'Caller identity', { values: ['unknown', 'asserted', 'verified'], changeableBy: 'customer' }),
  call('language', 'text', 'Language'),
  call('elapsedS', 'number', 'Time since connected', { unit: 's' }),
  /** Time since the customer last spoke, or since the call was connected. */
  call('customerSilentS', 'number', 'Customer silent for', { unit: 's' }),
  call('holds', 'number', 'Times on hold'),
  call('transfers', 'number', 'Times transferred'),
  /** Topics of phrases.yaml that were said on this call. Values are the revision's topics. */
  call('topics', 'set', 'Topics raised', { values: [], changeableBy: 'customer', kind: 'behaviour' }),
  /** What a model of text takes the customer's sentences to be about (docs/POLICY.md): the last it understood, how sure, and all so far. */
  call('intent', 'text', 'Last topic understood', { kind: 'behaviour' }),
  call('intentConfidence', 'number', 'Sure of the last topic', { kind: 'behaviour' }),
  call('intents', 'set', 'Topics understood', { values: [], kind: 'behaviour' }),
  /** What the customer chose before reaching an agent. Any text. */
  call('ivr', 'set', 'Menu choices', { values: [] }),
];
