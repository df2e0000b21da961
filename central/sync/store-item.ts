/** Inserts one checked item, or says that it is there already, as itself or as something else. */
import type { Tx } from '../store/open-store.ts';
import type { ParsedItem } from './parse-item.ts';
import { redact } from '#core';

export type Stored = { readonly result: 'stored' | 'duplicate' } | { readonly result: 'conflict'; readonly firstHash: string };

export async function storeItem(tx: Tx, parsed: Extract<ParsedItem, { ok: true }>, deviceId: string, nowMs: number): Promise<Stored> {
  const { id, hash, body } = parsed.item;
  if (await insert(tx, parsed, { id, hash, body, device_id: deviceId, received_at_ms: nowMs })) return { result: 'stored' };
  const first = await tx.selectFrom(TABLES[parsed.kind]).select('hash').where('id', '=', id).executeTakeFirstOrThrow();
  return first.hash === hash ? { result: 'duplicate' } : { result: 'conflict', firstHash: first.hash };
}

const TABLES = { decision: 'decisions', repeat: 'decision_repeats', outcome: 'outcomes' } as const;

interface Common {
  readonly id: string;
  readonly hash: string;
  readonly body: string;
  readonly device_id: string;
  readonly received_at_ms: number;
}

/** False when the id is taken. */
async function insert(tx: Tx, parsed: Extract<ParsedItem, { ok: true }>, common: Common): Promise<boolean> {
  switch (parsed.kind) {
    case 'decision': {
      const { agentId, callId, customerId, atMs, policy } = parsed.decision;
      const row = await tx
        .insertInto('decisions')
        .values({ ...common, agent_id: agentId, call_id: callId, customer_id: customerId, at_ms: atMs, policy })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    }
    case 'repeat': {
      const { of, callId, atMs } = parsed.repeat;
      const row = await tx
        .insertInto('decision_repeats')
        .values({ ...common, decision_id: of, call_id: callId, at_ms: atMs })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    }
    case 'outcome': {
      const { outcome } = parsed;
      const row = await tx
        .insertInto('outcomes')
        .values({
          ...common,
          kind: outcome.kind,
          decision_id: outcome.decisionId,
          call_id: outcome.callId,
          customer_id: outcome.customerId,
          agent_id: outcome.agentId,
          action_id: outcome.actionId,
          at_ms: outcome.atMs,
          clock: outcome.clock,
          retracts: outcome.retracts ?? null,
          // The one free text of an outcome; the device redacted it before, and this is for those that did not.
          body: JSON.stringify(outcome.note === undefined ? outcome : { ...outcome, note: redact(outcome.note).text }),
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    }
  }
}
