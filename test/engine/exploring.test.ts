/** A desk whose policy explores: cards differ from call to call, and stay on a call until somebody answers. */
import { expect, test } from 'vitest';
import { CUSTOMER, DeskBench } from './desk-bench.ts';
import { smallRevision } from './small-revision.ts';

const EXPLORING = smallRevision(1, [
  {
    path: 'revision.yaml',
    text: 'name: Small\nversion: 1\ncurrency: AUD\nlanguage: en\nusableOfflineHours: 72\nmaxChips: 0\nexploration: { candidates: 3, gamma: 0 }\n',
  },
]);
const CALLS = 14;

test('what is tried is drawn once: news on the call changes nothing, an answer draws anew', async () => {
  await using bench = await DeskBench.open({ bundles: [{ revision: EXPLORING }] });
  const cardOf = async (): Promise<{ decisionId: string; actionId: string } | null> =>
    (await bench.view()).cards.find(({ role, state }) => role === 'primary' && state === 'open') ?? null;
  const firsts = new Set<string>();
  for (let n = 0; n < CALLS; n++) {
    const callId = `call-${n}`;
    await bench.begin(callId);
    await bench.advance(4_000);
    const first = await cardOf();
    expect(first, JSON.stringify(bench.lines.slice(-2))).not.toBe(null);
    firsts.add(first?.actionId ?? '');
    for (let word = 0; word < 2; word++) {
      // The gap is over and nobody speaks: another card could take the place.
      await bench.advance(22_000);
      await bench.say(callId, 'sotto.journey.changed', {
        customerId: CUSTOMER.customerId,
        journey: 'move',
        step: `step-${word}`,
        entered: true,
      });
      expect(await cardOf()).toMatchObject({ decisionId: first?.decisionId, actionId: first?.actionId });
    }
    if (first !== null) await bench.answer(first, 'rejected');
    await bench.advance(1_000);
    const second = await cardOf();
    expect(second?.actionId).not.toBe(first?.actionId);
    await bench.say(callId, 'sotto.call.ended', { reason: 'customer-hung-up' });
    await bench.advance(1_000);
  }
  expect(firsts.size).toBeGreaterThan(1);
});
