/** One item of a batch → the checked thing itself, or why it is refused for good. */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { DecisionRecord } from '#contract/decision-record.ts';
import { Outcome } from '#contract/outcome.ts';
import { DecisionRepeat, type OUTBOX_REFUSALS, OutboxItem } from '#contract/sync.ts';
import { readCanonical } from '#core';
import { inspectJson } from '../intake/read-json.ts';

export type OutboxRefusal = (typeof OUTBOX_REFUSALS)[number];

type Content =
  | { readonly kind: 'decision'; readonly decision: DecisionRecord }
  | { readonly kind: 'repeat'; readonly repeat: DecisionRepeat }
  | { readonly kind: 'outcome'; readonly outcome: Outcome };

export type ParsedItem =
  | ({ readonly ok: true; readonly item: OutboxItem } & Content)
  | {
      readonly ok: false;
      /** As far as they could be read. */
      readonly id: string;
      readonly seq: number;
      readonly kind: string;
      readonly hash: string;
      readonly reason: OutboxRefusal;
      readonly detail: string;
    };

const MAX_BODY_CHARS = 1_000_000;

export function parseItem(input: unknown, deviceId: string): ParsedItem {
  const raw = (typeof input === 'object' && input !== null ? input : {}) as Readonly<Record<string, unknown>>;
  const refuse = (reason: OutboxRefusal, detail: string): ParsedItem => ({
    ok: false,
    id: shortText(raw['id']),
    seq: typeof raw['seq'] === 'number' && Number.isSafeInteger(raw['seq']) && raw['seq'] > 0 ? raw['seq'] : 0,
    kind: shortText(raw['kind']),
    hash: shortText(raw['hash']),
    reason,
    detail,
  });
  if (typeof raw['body'] === 'string' && raw['body'].length > MAX_BODY_CHARS)
    return refuse('too-large', `body: must be at most ${MAX_BODY_CHARS} characters`);
  const parsed = OutboxItem.safeParse(input);
  if (!parsed.success) return refuse('bad-item', firstFault(parsed.error));
  const item = parsed.data;
  if (!item.body.isWellFormed() || item.body.includes('\u0000')) return refuse('bad-item', 'body: must be well-formed Unicode without NUL');
  if (createHash('sha256').update(item.body).digest('hex') !== item.hash)
    return refuse('hash-mismatch', 'hash: is not the SHA-256 of the body');

  let body: unknown;
  try {
    body = readCanonical(item.body);
  } catch {
    return refuse('bad-item', 'body: must be canonical JSON');
  }
  const fault = inspectJson(body);
  if (fault !== null) return refuse('bad-item', `body: ${fault}`);
  const content = parseContent(item.kind, body);
  if (typeof content === 'string') return refuse('bad-item', content);
  if (idOf(content) !== item.id) return refuse('bad-item', 'id: is not that of the body');
  const madeOn = content.kind === 'decision' ? content.decision.deviceId : content.kind === 'outcome' ? content.outcome.deviceId : deviceId;
  if (madeOn !== deviceId) return refuse('foreign-device', 'was made on another device');
  return { ok: true, item, ...content };
}

function parseContent(kind: OutboxItem['kind'], body: unknown): Content | string {
  switch (kind) {
    case 'decision': {
      const parsed = DecisionRecord.safeParse(body);
      return parsed.success ? { kind, decision: parsed.data } : `body.${firstFault(parsed.error)}`;
    }
    case 'repeat': {
      const parsed = DecisionRepeat.safeParse(body);
      return parsed.success ? { kind, repeat: parsed.data } : `body.${firstFault(parsed.error)}`;
    }
    case 'outcome': {
      const parsed = Outcome.safeParse(body);
      return parsed.success ? { kind, outcome: parsed.data } : `body.${firstFault(parsed.error)}`;
    }
  }
}

function idOf(content: Content): string {
  switch (content.kind) {
    case 'decision':
      return content.decision.id;
    case 'repeat':
      return content.repeat.id;
    case 'outcome':
      return content.outcome.id;
  }
}

/** Fit to be stored, whatever it is. */
const shortText = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, 128).toWellFormed().replaceAll('\u0000', '') : '';

const firstFault = (error: z.ZodError): string => {
  const issue = error.issues[0];
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit its schema'}`.slice(0, 200);
};
