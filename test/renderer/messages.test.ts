import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createIntl } from 'react-intl';
import { describe, expect, test } from 'vitest';
import { APPROVAL_REFUSALS, APPROVAL_STATES, BREAK_VERDICTS, EVIDENCE, JUDGEMENTS } from '#contract/approval.ts';
import { CALL_EVENT_TYPES, REFUSALS } from '#contract/call-events.ts';
import { CONTEST_REFUSALS, ContestState } from '#contract/contest.ts';
import { CallView, CardView, DECISION_STEPS, DeskView } from '#contract/desk.ts';
import { Answer, Saved } from '#contract/ipc.ts';
import { FAULTS, FIGURES_BY, ITEM_STATES, OVERRIDE_REFUSALS, OVERRIDE_VERDICTS, OverrideKind } from '#contract/override-review.ts';
import { EXPERIENCE_LEVELS, REJECT_REASONS } from '#contract/policy.ts';
import { OUTCOME_KINDS } from '#contract/profile.ts';
import { type Room, ROOMS } from '#contract/rooms.ts';
import { ALERT_KINDS, ALERT_SEVERITIES, SUPERVISION_REFUSALS } from '#contract/supervision.ts';
import { REASONS, REFRAIN_REASONS, RUNGS, STAGES } from '#contract/reason-codes.ts';
import { COMMANDS } from '../../renderer/commands/commands.ts';
import { pseudoMessage } from './pseudo-locale.ts';

const renderer = fileURLToPath(new URL('../../renderer', import.meta.url));
const messages = JSON.parse(readFileSync(join(renderer, 'messages/en.json'), 'utf8')) as Record<string, string>;
const sources = readdirSync(renderer, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => readFileSync(join(renderer, name), 'utf8'));

const each = (prefix: string, names: readonly string[], suffix = ''): readonly string[] =>
  names.map((name) => `${prefix}.${name}${suffix}`);
/** A no has words of its room, or those of all rooms. */
const refusals = (room: Room, reasons: readonly string[]): readonly string[] =>
  reasons.map((reason) => [`${room}.no.${reason}`].find((id) => id in messages) ?? `rooms.no.${reason}`);
const { phase, identity, direction } = CallView.shape;

/** Every id that is put together from names of the contract. */
const COMPOSED: readonly string[] = [
  ...each('phase', [...phase.options, 'none', 'paused']),
  ...each('call.identity', identity.options),
  ...each('overrides.kind', OverrideKind.options),
  ...each('overrides.verdict', OVERRIDE_VERDICTS),
  ...each('overrides.item', ITEM_STATES),
  ...each('overrides.fault', FAULTS),
  ...each('overrides.figure', ['action', 'seen', 'seenToAcceptS', 'acceptance', 'override', 'rejection', 'appropriate', 'notActed']),
  ...each('notices', ['changed', 'left']),
  ...each('contests.state', ContestState.options),
  ...each('contests.part', ['agent', 'asked', 'decided', 'broke-glass', 'answered-before']),
  ...each('contests.finding', ['stands', 'set-aside']),
  ...each('call', direction.options),
  ...each('urgency', CardView.shape.urgency.options),
  ...each('card.rung', RUNGS),
  ...each(
    'state',
    CardView.shape.state.options.filter((state) => state !== 'open'),
  ),
  ...each('state.accepted', ['requested', 'acted', 'failed', 'expired', 'waiting', 'approval']),
  ...each('state', ['expired', 'withdrawn'], '.detail'),
  ...each(
    'receipt',
    Answer.options.map((option) => option.shape.kind.value),
  ),
  'receipt.retracted',
  ...each('reason', REJECT_REASONS),
  ...each('refusal', Saved.options[1].shape.reason.options),
  ...each('refrain', REFRAIN_REASONS),
  ...each('refrain', REFRAIN_REASONS, '.detail'),
  ...each('gate', STAGES),
  ...each(
    'timeline',
    CALL_EVENT_TYPES.filter((type) => !type.includes('utterance')).map((type) => type.replace('sotto.', '')),
  ),
  ...each('timeline.prompt', OUTCOME_KINDS.slice(0, OUTCOME_KINDS.indexOf('customer-accepted'))),
  ...each('timeline.request', ['acted', 'failed', 'expired']),
  ...each('refused', REFUSALS),
  ...each('engine', DeskView.shape.engine.shape.state.options),
  ...each('link', ['starting', 'restarting', 'stopped', ...DeskView.shape.link.shape.state.options]),
  ...each('calm', ['starting', 'restarting', 'stopped', 'none', 'ended', 'ringing', 'held', 'listening']),
  ...each('calm', ['starting', 'restarting', 'stopped', 'none', 'ended', 'ringing', 'held', 'listening'], '.detail'),
  ...each('settings.level', EXPERIENCE_LEVELS),
  ...each('settings.level', EXPERIENCE_LEVELS, '.detail'),
  ...each('settings.theme', ['system', 'light', 'dark']),
  ...each('settings.speak', ['all', 'must', 'none']),
  ...each('why.strength', ['strong', 'some', 'weak']),
  ...each('what-if', ['if', 'and']),
  ...each('what-if.by', ['customer', 'agent']),
  ...each('what-if.found', ['shown', 'hidden']),
  ...['shown', 'hidden'].flatMap((turned) => each(`what-if.none.${turned}`, ['all', 'cut'])),
  ...['customer', 'agent'].flatMap((who) => each(`what-if.said.${who}`, ['if', 'and'])),
  ...each(
    'command',
    COMMANDS.map(({ id }) => id),
  ),
  ...each('room', ROOMS),
  ...each('approvals.state', APPROVAL_STATES),
  ...each('rooms.no', ['away', 'not-allowed', 'other']),
  ...refusals('approvals', APPROVAL_REFUSALS),
  ...refusals(
    'oversight',
    APPROVAL_REFUSALS.filter((reason) => ['not-found', 'nothing-to-review', 'own-break'].includes(reason)),
  ),
  ...each('oversight.verdict', BREAK_VERDICTS),
  ...each('oversight.meter', [
    'person',
    'cases',
    'medianSeconds',
    'evidenceOpened',
    'agreement',
    'firstAgreement',
    'seededCaught',
    'score',
  ]),
  ...refusals('contests', CONTEST_REFUSALS),
  ...refusals('overrides', OVERRIDE_REFUSALS),
  ...refusals('wall', SUPERVISION_REFUSALS),
  ...each('approvals.evidence', EVIDENCE),
  ...each('approvals.judge', JUDGEMENTS),
  ...each('approvals.given', ['approved', 'declined']),
  ...each('speaker', ['agent', 'customer']),
  ...each('times.step', DECISION_STEPS),
  ...each('wall.kind', ALERT_KINDS),
  ...each('wall.severity', ALERT_SEVERITIES),
  ...each('overrides.figure', FIGURES_BY),
  ...each('wall.for', ['hour', 'shift', 'day', 'week']),
  ...each('approvals', ['seconds', 'minutes', 'hours']),
];

describe('messages', () => {
  test('every text that a view names is written', () => {
    const named = sources.flatMap((source) => [...source.matchAll(/\b(?:text|rich)\(\s*'([^']+)'/g)].map((match) => match[1] ?? ''));
    expect(named.length).toBeGreaterThan(100);
    expect([...named, ...COMPOSED].filter((id) => !Object.hasOwn(messages, id))).toEqual([]);
  });

  test('every text that is written is used', () => {
    const gates = REASONS.map(({ stage, code }) => `gate.${stage}.${code}`);
    const all = sources.join('\n');
    const used = new Set([...COMPOSED, ...gates, ...each('timeline', ['gap.found', 'gap.closed'])]);
    expect(Object.keys(messages).filter((id) => !used.has(id) && !all.includes(`'${id}'`))).toEqual([]);
  });

  test('every text is a valid ICU message, in English and in the pseudo-locale', () => {
    const problems: string[] = [];
    for (const locale of [messages, Object.fromEntries(Object.entries(messages).map(([id, message]) => [id, pseudoMessage(message)]))]) {
      const intl = createIntl({ locale: 'en', messages: locale, onError: (error) => problems.push(error.message) });
      for (const [id, message] of Object.entries(locale)) {
        intl.formatMessage({ id }, Object.fromEntries([...message.matchAll(/\{(\w+)/g)].map(([, name]) => [name, 1])));
      }
    }
    expect(problems).toEqual([]);
  });

  test('the labels of the answers are short enough for a narrow card', () => {
    for (const id of ['card.accept', 'card.not-now', 'card.why']) expect(messages[id]?.length ?? 99, id).toBeLessThanOrEqual(10);
  });

  test('the pseudo-locale is at least two fifths longer and keeps its places', () => {
    expect(pseudoMessage('Queue {queue}')).toContain('{queue}');
    expect(pseudoMessage('Not now').length).toBeGreaterThanOrEqual(Math.ceil('Not now'.length * 1.4));
    expect(pseudoMessage('{count, plural, one {# unsent} other {# unsent}}')).toMatch(/\{count, plural, one \{# úñšéñţ\} other/);
  });
});
