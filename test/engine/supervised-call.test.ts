/** What a desk tells central of its screen, and what it shows of supervisors. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { CallSupervised } from '#contract/supervision.ts';
import { DeskBench } from './desk-bench.ts';
import { MemoryLink } from './memory-link.ts';

const PAUSE_MS = 150;

test('a desk tells what is on its screen when it changed, all of it when central is back, and nothing while central is away', async () => {
  const link = new MemoryLink();
  await using desk = await DeskBench.open({ surroundings: { link } });
  await desk.begin('call-1', 'customer-1');
  const card = await desk.showCard('call-1');
  await pause(3 * PAUSE_MS);
  expect(link.states).toEqual([]);
  link.connect();
  await expect
    .poll(() => link.states.at(-1)?.calls)
    .toMatchObject([
      {
        callId: 'call-1',
        connectedAtMs: expect.any(Number),
        prompt: { decisionId: card.decisionId, actionId: card.actionId, urgency: card.urgency },
      },
    ]);
  const told = link.states.length;
  await pause(3 * PAUSE_MS);
  expect(link.states.length).toBe(told);
  await desk.answer(card, 'rejected');
  await expect.poll(() => link.states.at(-1)?.calls[0]?.prompt?.decisionId ?? null).not.toBe(card.decisionId);
  await desk.say('call-1', 'sotto.call.ended', { reason: 'customer-hung-up' });
  await expect.poll(() => link.states.at(-1)?.calls).toEqual([]);
  expect(JSON.stringify(link.states)).not.toContain('customer-1');
});

test('words of a supervisor and who reads along are on the call in front, and the desk says which', async () => {
  const link = new MemoryLink();
  await using desk = await DeskBench.open({ surroundings: { link } });
  link.connect();
  await desk.begin('call-1', 'customer-1');
  const atMs = 1_760_000_000_000;
  const said: CallSupervised = {
    callId: 'call-1',
    notes: [{ noteId: 'n-1', by: 'Sue', text: 'Offer to call back', atMs }],
    readers: [{ readId: 'r-1', by: 'Sue', sinceMs: atMs }],
  };
  expect(await link.say('supervision', said)).toEqual({ callId: 'call-1', notes: ['n-1'], readers: ['r-1'] });
  const view = () => desk.view();
  expect((await view()).call?.supervision).toEqual({ notes: said.notes, readers: said.readers });
  expect(await link.say('supervision', { ...said, callId: 'call-9' })).toBeNull();
  expect(await link.say('supervision', { ...said, notes: 'loud' })).toBeNull();
  await link.say('supervision', { callId: 'call-1', notes: [], readers: [] });
  expect((await view()).call?.supervision).toBeUndefined();
});
