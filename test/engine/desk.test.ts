import { describe, expect, test } from 'vitest';
import { DeskBench } from './desk-bench.ts';

describe('one call from the question to the saved answer', () => {
  test('a customer asks about the bill: a card with reasons, recorded before it is shown; accepting it is saved', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const card = await desk.showCard('call-1');
    console.log(card, desk.lines, desk.kinds('call-1'));
    expect(card).toMatchObject({ role: 'primary', state: 'open', rung: 'model' });
    expect(card.reasons.length).toBeGreaterThan(0);
    expect(desk.store.decisionRecord(card.decisionId)).toContain(card.actionId);
    const saved = await desk.answer(card);
    expect(saved).toEqual({ saved: true, outcomeId: expect.any(String) });
    expect(desk.kinds('call-1')).toContain(`accepted ${card.actionId}`);
    expect(desk.store.verifyLedger().brokenAt).toBeNull();
    console.log((await desk.view()).cards, desk.logs, desk.measured);
  });
});
