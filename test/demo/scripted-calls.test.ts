import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { expandScript, type ScriptedCall } from '#central/demo/expand-script.ts';
import { expectationViolations, type Violation } from '#central/demo/expectations.ts';
import { actionPlaces, DEMO_FOLDER, loadOrganisation, type Organisation } from '#central/demo/organisation.ts';
import { isMeant, Script } from '#central/demo/script.ts';
import { planCalls, simulate } from '#central/demo/simulator.ts';
import { type CompiledRevision, compileRevision } from '#core';
import { CoreDesk, type Scoring, startingPropensities } from './core-desk.ts';
import { trainedPropensities } from './trained-propensities.ts';
import { type Understanding, understandAll } from './understanding.ts';

const NOW_MS = Date.UTC(2026, 4, 4, 9);

let organisation: Organisation;
let compiled: CompiledRevision;
let understanding: Understanding;

beforeAll(async () => {
  organisation = await loadOrganisation({ nowMs: NOW_MS });
  compiled = compileRevision(organisation.revision);
  understanding = await understandAll(organisation.scripts);
});

interface Played {
  readonly call: ScriptedCall;
  readonly desk: CoreDesk;
  readonly violations: readonly Violation[];
}

const play = async (
  script: Script,
  policy = compiled,
  scoring: Scoring = startingPropensities,
  understood: Understanding | null = understanding,
): Promise<Played> => {
  const call = expandScript(script, { startMs: NOW_MS, suffix: 'test' });
  const customers = new Map(organisation.customers.map((customer) => [customer.customerId, customer]));
  const agents = new Map(organisation.agents.map((agent) => [agent.id, agent]));
  const desk = new CoreDesk(call.callId, NOW_MS, policy, customers, agents, scoring, understood);
  const report = await simulate([call], { clock: desk.clock, emit: (event) => desk.take(event), answer: (answer) => desk.answer(answer) });
  expect(report).toMatchObject({ emitted: call.events.length, answered: call.answers.length, aborted: false });
  return { call, desk, violations: expectationViolations(call, desk.shown, actionPlaces(organisation.revision)) };
};

const playAll = async (
  scoring: Scoring,
): Promise<{ readonly broken: readonly string[]; readonly musts: number; readonly withPrompt: number }> => {
  const broken: string[] = [];
  let musts = 0;
  let withPrompt = 0;
  for (const script of organisation.scripts) {
    const { call, desk, violations } = await play(script, compiled, scoring);
    musts += call.expectations.reduce((sum, { must }) => sum + must.length, 0);
    if (desk.shown.length > 0) withPrompt += 1;
    for (const { step, kind, actionId, detail } of violations) broken.push(`${script.id} step ${step}: ${kind} ${actionId}, ${detail}`);
    for (const { actionId, answer } of desk.unanswerable) broken.push(`${script.id}: nothing to ${answer}, ${actionId} is not there`);
  }
  return { broken, musts, withPrompt };
};

test('every scripted call shows what it must and nothing it must not, decided by the real core', async () => {
  const { broken, musts, withPrompt } = await playAll(startingPropensities);
  expect(broken).toEqual([]);
  expect(organisation.scripts.length).toBeGreaterThanOrEqual(16);
  expect(musts).toBeGreaterThanOrEqual(40);
  expect(withPrompt).toBeGreaterThanOrEqual(14);
});

test('the same holds with a model trained on the responses', async () => {
  const { broken, musts } = await playAll(await trainedPropensities(organisation));
  expect(broken).toEqual([]);
  expect(musts).toBeGreaterThanOrEqual(40);
});

test('what is said in other words than the policy knows prompts through the model alone, and as before without it elsewhere', async () => {
  const { scripts, revision } = organisation;
  const inOtherWords = scripts.filter(({ theme }) => theme === 'understood');
  expect(inOtherWords.length).toBeGreaterThanOrEqual(2);
  const trained = readFileSync(path.join(DEMO_FOLDER, 'training', 'utterances.csv'), 'utf8').toLowerCase();
  for (const script of inOtherWords) {
    const { desk, violations } = await play(script, compiled, startingPropensities, null);
    expect(desk.shown).toEqual([]);
    expect(violations.every(({ kind }) => kind === 'missing')).toBe(true);
    // No phrase of the policy stands for the topic the model tells, and the model has not seen the sentence.
    const decisive = script.steps.find((step) => 'customer' in step && understanding.get(step.customer)?.intent !== null);
    if (decisive === undefined || !('customer' in decisive)) throw new Error(`the model understands nothing of ${script.id}`);
    const phrases = compiled.finder.find('customer', decisive.customer).map(({ list }) => revision.topics[list]?.topic);
    expect(phrases).not.toContain(understanding.get(decisive.customer)?.intent);
    expect(trained.includes(decisive.customer.toLowerCase())).toBe(false);
  }
  const others = scripts.filter(({ theme }) => theme !== 'understood');
  const without = await Promise.all(others.map((script) => play(script, compiled, startingPropensities, null)));
  expect(without.flatMap(({ violations }) => violations)).toEqual([]);
});

test('a policy that loses an action, or its care before sale, breaks expectations', async () => {
  const { revision, scripts } = organisation;
  const withoutCare = compileRevision({
    ...revision,
    care: [],
    actions: revision.actions.map((action) => ({ ...action, suitability: [] })),
  });
  const broken = await Promise.all(scripts.map((script) => play(script, withoutCare)));
  expect(broken.flatMap(({ violations }) => violations.filter(({ kind }) => kind === 'forbidden')).length).toBeGreaterThan(0);
  const withoutOutage = compileRevision({ ...revision, actions: revision.actions.filter(({ id }) => id !== 'explain-outage') });
  const { violations } = await play(scripts.find(({ id }) => id === 'outage')!, withoutOutage);
  expect(violations).toContainEqual(expect.objectContaining({ kind: 'missing', actionId: 'explain-outage' }));
});

test('the scripts cover what the demonstration is for, each with its refrains and interruptions', () => {
  const themes = new Set(organisation.scripts.map(({ theme }) => theme));
  for (const theme of [
    'billing-shock',
    'outage',
    'cancellation',
    'hardship',
    'bereavement',
    'fraud',
    'upgrade',
    'technical',
    'silent-caller',
    'transfer',
    'two-calls-in-a-row',
    'consent-withdrawn',
    'unknown-caller',
    'angry-caller',
    'wrong-person',
    'card-payment',
    'refrain',
    'understood',
  ])
    expect(themes).toContain(theme);
  const answers = new Set(organisation.scripts.flatMap(({ steps }) => steps.flatMap((step) => ('answer' in step ? [step.answer] : []))));
  expect(answers).toEqual(new Set(['accept', 'reject', 'snooze', 'override']));
});

test('conversations are natural in length and pace, both sides speak, and events are numbered per producer', () => {
  for (const script of organisation.scripts) {
    const call = expandScript(script, { startMs: NOW_MS, suffix: 'test' });
    const seconds = (call.endMs - call.startMs) / 1_000;
    expect([script.id, seconds >= 60 && seconds <= 240]).toEqual([script.id, true]);
    const finals = call.events.flatMap(({ event }) => (event.type === 'sotto.utterance.final' ? [event.data] : []));
    expect([script.id, finals.length >= 15 && finals.length <= 40]).toEqual([script.id, true]);
    expect(new Set(finals.map(({ speaker }) => speaker)).size).toBe(2);
    const next = new Map<string, number>();
    let beforeMs = 0;
    for (const { atMs, event } of call.events) {
      const expected = (next.get(event.source) ?? 0) + 1;
      expect(event.sequence).toBe(expected);
      next.set(event.source, expected);
      expect(atMs).toBeGreaterThanOrEqual(beforeMs);
      beforeMs = atMs;
    }
    expect(new Set(call.events.map(({ event }) => event.id)).size).toBe(call.events.length);
  }
});

test('the transfer hands over from one agent to another, and a rejection holds across it', async () => {
  const { call, desk } = await play(organisation.scripts.find(({ id }) => id === 'transfer')!);
  expect(call.agentIds).toEqual(['agent-marcus', 'agent-shirin']);
  const transferredMs = call.events.find(({ event }) => event.type === 'sotto.call.transferred')!.atMs;
  expect(desk.shown.some(({ actionId, atMs }) => actionId === 'renew-at-same-price' && atMs < transferredMs)).toBe(true);
  expect(desk.shown.filter(({ actionId, atMs }) => actionId === 'renew-at-same-price' && atMs >= transferredMs)).toEqual([]);
});

test('a withdrawn consent removes the offer on the screen at once', async () => {
  const script = organisation.scripts.find(({ id }) => id === 'consent-withdrawn')!;
  // The customer's words already end the offer; without the policy's rule about them the consent alone must do it.
  const silent = {
    ...script,
    steps: script.steps.map((step) =>
      'customer' in step
        ? { ...step, customer: step.customer.replace("stop sending me those, I don't want marketing any more", 'leave it') }
        : step,
    ),
  };
  const { call, desk } = await play(silent);
  const withdrawnMs = call.events.find(({ event }) => event.type === 'sotto.consent.changed')!.atMs;
  const offer = desk.shown.find(({ actionId }) => actionId === 'add-family-line')!;
  expect(offer.untilMs).toBe(withdrawnMs);
  expect(
    desk.shown.filter(({ actionId, atMs }) => isMeant('issue:sales', actionId, actionPlaces(organisation.revision)) && atMs >= withdrawnMs),
  ).toEqual([]);
});

test('while capture is paused nothing is transcribed', () => {
  const paused = organisation.scripts.filter(({ steps }) => steps.some((step) => 'event' in step && step.event === 'sotto.capture.paused'));
  expect(paused.length).toBeGreaterThanOrEqual(2);
  for (const script of paused) {
    let isPaused = false;
    for (const { event } of expandScript(script, { startMs: NOW_MS, suffix: 'test' }).events) {
      if (event.type === 'sotto.capture.paused') isPaused = true;
      else if (event.type === 'sotto.capture.resumed') isPaused = false;
      else if (event.type.startsWith('sotto.utterance.')) expect([script.id, event.id, isPaused]).toEqual([script.id, event.id, false]);
    }
  }
});

test('an agent never has two calls at once, and the second of two calls follows its first', () => {
  const calls = planCalls(organisation.scripts, { startMs: NOW_MS, suffix: 'test' });
  expect(calls).toHaveLength(organisation.scripts.length);
  for (const { id } of organisation.agents) {
    const own = calls.filter(({ agentIds }) => agentIds.includes(id)).toSorted((a, b) => a.startMs - b.startMs);
    for (const [index, call] of own.entries()) expect(call.startMs).toBeGreaterThanOrEqual(own[index - 1]?.endMs ?? 0);
  }
  const first = calls.find(({ scriptId }) => scriptId === 'two-calls-first')!;
  const second = calls.find(({ scriptId }) => scriptId === 'two-calls-second')!;
  expect(second.startMs - first.endMs).toBe(2_000);
});

test('a played script can be played again under another id, and faster', async () => {
  const [script] = organisation.scripts;
  const once = expandScript(script!, { startMs: NOW_MS, suffix: 'a' });
  const again = expandScript(script!, { startMs: NOW_MS, suffix: 'b', speed: 4 });
  expect(again.callId).not.toBe(once.callId);
  expect(again.events).toHaveLength(once.events.length);
  expect((once.endMs - NOW_MS) / (again.endMs - NOW_MS)).toBeCloseTo(4, 2);
});

test('playing stops when it is told to, and says so', async () => {
  const call = expandScript(organisation.scripts[0]!, { startMs: NOW_MS, suffix: 'test' });
  const stop = new AbortController();
  const sent: string[] = [];
  const report = await simulate([call], {
    clock: { nowMs: () => NOW_MS, sleepUntil: async () => {} },
    emit: async (event) => {
      sent.push(event.id);
      if (sent.length === 5) stop.abort();
    },
    signal: stop.signal,
  });
  expect(report).toMatchObject({ emitted: 5, answered: 0, aborted: true });
  expect(sent).toEqual(call.events.slice(0, 5).map(({ event }) => event.id));
});

describe('expectations', () => {
  const actions = new Map([
    ['credit', { issue: 'care', group: 'bills' }],
    ['offer', { issue: 'sales', group: 'mobile' }],
  ]);
  const call = {
    callId: 'c-1',
    scriptId: 's',
    startMs: 0,
    expectations: [
      { step: -1, atMs: 0, untilMs: 0, must: [], may: [], mustNot: [] },
      { step: 2, atMs: 10_000, untilMs: 15_000, must: [{ actionId: 'credit' }], may: [], mustNot: ['issue:sales'] },
    ],
  };
  const credit = { atMs: 11_000, untilMs: 30_000, actionId: 'credit', role: 'primary' } as const;

  test('hold when the must was on the screen in time', () => {
    expect(expectationViolations(call, [credit], actions)).toEqual([]);
    expect(expectationViolations(call, [{ ...credit, role: 'chip' }], actions)).toEqual([]);
  });

  test.each([
    ['a must that came too late', [{ ...credit, atMs: 15_001 }], 'missing', 2],
    ['a must that never came', [], 'missing', 2],
    ['a must that was gone before', [{ ...credit, atMs: 1_000, untilMs: 9_000 }], 'missing', 2],
    ['something forbidden', [credit, { ...credit, actionId: 'offer' }], 'forbidden', 2],
    ['something forbidden that stayed', [credit, { ...credit, actionId: 'offer', atMs: 2_000, untilMs: 12_000 }], 'forbidden', 2],
    ['something in no list', [credit, { ...credit, actionId: 'offer', atMs: 2_000, untilMs: 10_500 }], 'unexpected', -1],
    ['something before it is allowed', [credit, { ...credit, atMs: 3_000, untilMs: 4_000 }], 'unexpected', -1],
  ] as const)('are broken by %s', (_, shown, kind, step) => {
    expect(expectationViolations(call, shown, actions)).toContainEqual(expect.objectContaining({ kind, step }));
  });

  test('a role that is named is asked for', () => {
    const named = {
      ...call,
      expectations: call.expectations.map((one) => ({ ...one, must: one.must.map((must) => ({ ...must, role: 'chip' as const })) })),
    };
    expect(expectationViolations(named, [credit], actions)).toContainEqual(
      expect.objectContaining({ kind: 'missing', actionId: 'credit' }),
    );
  });

  test('a script with a key nobody knows, or without enough steps, is no script', () => {
    const { scripts } = organisation;
    expect(Script.safeParse({ ...scripts[0], wihtinS: 3 }).success).toBe(false);
    expect(Script.safeParse({ ...scripts[0], steps: [] }).success).toBe(false);
  });
});
