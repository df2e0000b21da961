/** What a desk has queued: outcomes of several kinds, each with a decision record of 4 KB that no other record is equal to. */
import { createHash, randomUUID } from 'node:crypto';
import { canonicalJson } from '#core';
import type { OutboxItem } from '#contract/sync.ts';
import { RECORD_BYTES } from './plan.ts';

export interface Maker {
  readonly deviceId: string;
  readonly agentId: string;
  readonly callId: string;
  readonly customerId: string;
  readonly policy: string;
}

/** The nth desk of the load, its agent, their call and the customer on it; as `prepareOrganisation` has them. */
export const makerOf = (n: number, policy: string): Maker => ({
  deviceId: `bench-${n}`,
  agentId: `agent-${n}`,
  callId: `call-${n}`,
  customerId: `customer-${n}`,
  policy,
});

export interface MadePair {
  readonly items: readonly [Omit<OutboxItem, 'seq'>, Omit<OutboxItem, 'seq'>];
  readonly outcomeId: string;
}

/** In ten answers: what an agent's day looks like. Each fifth asks the system of record for something. */
const KINDS = ['seen', 'seen', 'accepted', 'seen', 'rejected', 'seen', 'expired', 'accepted', 'rejected', 'snoozed'] as const;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const HASH = sha256('bench');
/** Characters a record has too few of for its 4 KB are in a field that real records fill with the customer's. */
const MARK = { id: 'a'.repeat(36), clock: 1_000_000_001, atMs: 1_700_000_000_001 };

/** Makes pairs for one desk. The record's content is made once per desk; what differs is put into its places. */
export class ItemMaker {
  readonly #maker: Maker;
  readonly #parts: readonly string[];
  #clock = 0;

  constructor(maker: Maker, random: () => number) {
    this.#maker = maker;
    const text = recordText(maker, random);
    this.#parts = text.split(new RegExp(`${MARK.id}|${MARK.clock}|${MARK.atMs}`));
    if (this.#parts.length !== 4) throw new Error('the record of the benchmark has not the places that are filled in');
  }

  /** `atMs` is when it happened at the desk. */
  next(atMs: number): MadePair {
    const { deviceId, agentId, callId, customerId } = this.#maker;
    const clock = MARK.clock + ++this.#clock;
    const decisionId = randomUUID();
    // Canonical order of members: atMs, …, clock, …, id.
    const [a = '', b = '', c = '', d = ''] = this.#parts;
    const record = `${a}${atMs}${b}${clock}${c}${decisionId}${d}`;
    const outcomeId = randomUUID();
    const outcome = canonicalJson({
      id: outcomeId,
      kind: KINDS[this.#clock % KINDS.length],
      decisionId,
      callId,
      customerId,
      agentId,
      deviceId,
      actionId: 'change-plan',
      treatmentId: 'voice',
      channel: 'voice',
      role: 'primary',
      atMs: atMs + 1,
      clock,
    });
    return {
      items: [
        { kind: 'decision', id: decisionId, hash: sha256(record), body: record },
        { kind: 'outcome', id: outcomeId, hash: sha256(outcome), body: outcome },
      ],
      outcomeId,
    };
  }
}

function recordText({ deviceId, agentId, callId, customerId, policy }: Maker, random: () => number): string {
  const letters = (n: number, of: string): string => Array.from({ length: n }, () => of[Math.floor(random() * of.length)] ?? 'A').join('');
  const record = (fields: Readonly<Record<string, unknown>>) =>
    canonicalJson({
      v: 1,
      id: MARK.id,
      deviceId,
      agentId,
      callId,
      customerId,
      clock: MARK.clock,
      atMs: MARK.atMs,
      seed: Math.floor(random() * 2 ** 32),
      core: HASH,
      policy,
      models: [HASH],
      trigger: { kind: 'event', type: 'sotto.utterance.final', seq: 3 },
      inputs: { fields, said: [{ atMs: 12, phrase: 'moving' }] },
      reasons: letters(1_000, 'ABBBCCDEEEEEFGH'),
      scores: {
        f32: '',
        digest: '0123456789abcdef',
        best: { actions: [1, 2, 3], pcp: Buffer.from(letters(72, '0123456789abcdef')).toString('base64') },
      },
      result: { kind: 'show', prompts: [{ actionId: 'change-plan', treatmentId: 'voice', role: 'primary' }] },
      rung: 'starting-propensity',
    });
  const fields: Record<string, unknown> = {};
  for (let n = 0; ; n++) {
    const name = `profile.field-${letters(6, 'abcdefghijklmnop')}`;
    const value = n % 3 === 0 ? Math.round(random() * 1e6) / 100 : n % 3 === 1 ? letters(12, 'abcdefghijklmnop') : random() < 0.5;
    if (record({ ...fields, [name]: value }).length > RECORD_BYTES) break;
    fields[name] = value;
  }
  const short = RECORD_BYTES - record({ ...fields, z: '' }).length;
  return record(short > 0 ? { ...fields, z: letters(short, 'abcdefghijklmnop') } : fields);
}
