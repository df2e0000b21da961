import { expect, test } from 'vitest';
import type { Answer, Saved } from '#contract/ipc.ts';
import { DeskBench, START_MS } from './desk-bench.ts';
import { smallRevision } from './small-revision.ts';

const SINCE_MS = START_MS - 3_600_000;

async function offlineDesk(): Promise<DeskBench> {
  const bundles = [{ revision: smallRevision() }];
  return DeskBench.open({ bundles, surroundings: { offlineSinceMs: SINCE_MS } });
}

test('signed in without central, what a second person decides is refused in words until central is heard, however it is asked for; all else is taken', async () => {
  await using desk = await offlineDesk();
  expect((await desk.view()).session.offlineSinceMs).toBe(SINCE_MS);
  await desk.begin('call-1');
  await desk.advance(4_000);
  const card = (await desk.view()).cards[0] ?? expect.fail(`no card: ${JSON.stringify(desk.lines)}`);
  const give = async (answer: Answer): Promise<Saved> =>
    (await desk.engine.request('card:answer', { decisionId: card.decisionId, actionId: card.actionId, answer })) as Saved;
  const significant: Answer = card.significant ? { kind: 'accepted' } : { kind: 'overridden', chosenActionId: 'big-credit' };
  const before = desk.kinds('call-1');
  expect(await give(significant)).toEqual({ saved: false, reason: 'needs-central', detail: expect.stringContaining('second person') });
  expect(desk.kinds('call-1')).toEqual(before);
  desk.engine.setTokens({ token: 't', deviceToken: 'd' });
  await desk.engine.settled();
  expect((await desk.view()).session.offlineSinceMs).toBeNull();
  expect(await give(significant)).toMatchObject({ saved: true });
});

test('signed in without central, an answer that needs nobody else is taken', async () => {
  await using desk = await offlineDesk();
  await desk.begin('call-1');
  await desk.advance(4_000);
  const card = (await desk.view()).cards[0] ?? expect.fail(`no card: ${JSON.stringify(desk.lines)}`);
  const answer: Answer = card.significant ? { kind: 'rejected' } : { kind: 'accepted' };
  expect(await desk.engine.request('card:answer', { decisionId: card.decisionId, actionId: card.actionId, answer })).toMatchObject({
    saved: true,
  });
});
