import { describe, expect, test } from 'vitest';
import { IPC, type Saved } from '#contract/ipc.ts';
import { AGENT, CUSTOMER, DeskBench, REVISION } from './desk-bench.ts';
import { smallRevision } from './small-revision.ts';

/** How long an answer can be taken back (UX.md §U3). */
const UNDO_MS = 5_000;

const idOf = (saved: Saved): string => {
  if (!saved.saved) throw new Error(`not saved: ${saved.reason}`);
  return saved.outcomeId;
};

describe('one call from the question to the saved answer', () => {
  test('a customer asks about the bill: a card with reasons, recorded before it is shown; accepting it is saved', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const card = await desk.showCard('call-1');
    expect(card).toMatchObject({ role: 'primary', state: 'open', rung: 'model', urgency: expect.stringMatching(/must|should|could/) });
    expect(card.reasons.length).toBeGreaterThan(0);
    for (const reason of card.reasons) expect(Object.keys(reason.args).toSorted()).toEqual(Object.keys(reason.formats).toSorted());
    expect(desk.store.decisionRecord(card.decisionId)).toContain(card.actionId);
    const saved = await desk.answer(card);
    expect(saved).toEqual({ saved: true, outcomeId: expect.any(String) });
    expect(desk.kinds('call-1')).toContain(`accepted ${card.actionId}`);
    const after = (await desk.view()).cards.find(({ decisionId }) => decisionId === card.decisionId);
    expect(after).toMatchObject({ state: 'accepted', outcomeId: idOf(saved) });
    expect(desk.store.verifyLedger()).toMatchObject({ brokenAt: null });
    expect(desk.measured.acceptToSavedMs).toHaveLength(1);
    expect(desk.logs).toEqual([]);
  });

  test('what the window is told adds up to the whole view', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    await desk.showCard('call-1');
    const cards = desk.changes.findLast((change) => change.cards !== undefined)?.cards;
    const view = await desk.view();
    expect(cards).toEqual(view.cards);
    const lines = desk.changes.flatMap((change) => [...(change.call?.transcript ?? []), ...(change.lines?.lines ?? [])]);
    expect(lines.map(({ text }) => text)).toContain(view.call?.transcript[0]?.text);
    expect(view).toMatchObject({
      session: { agentId: AGENT, policy: expect.stringContaining(' v') },
      link: { state: 'offline' },
      engine: { state: 'ready', trouble: null, rung: 'model' },
      call: { customerName: CUSTOMER.displayName, missing: 0, phase: 'active' },
      virtualClock: true,
    });
    expect(view.call?.timeline.map(({ kind }) => kind)).toEqual([
      'call.offered',
      'call.connected',
      'prompt.offered',
      ...view.cards.slice(1).map(() => 'prompt.offered'),
    ]);
  });

  test('the whole view is pushed as well as answered: an answer may be overtaken, what is pushed is in order', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    await desk.showCard('call-1');
    const view = await desk.view();
    expect(desk.changes.at(-1)).toEqual(view);
  });

  test('painted and seen are outcomes, once each, and the first paint is measured', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const { decisionId, actionId } = await desk.showCard('call-1');
    const paint = { decisionId, actionId, atMs: desk.clock.realMs(), visible: true };
    await desk.engine.request('card:painted', { ...paint, visible: false });
    for (let twice = 0; twice < 2; twice++) {
      await desk.engine.request('card:painted', paint);
      await desk.engine.request('card:seen', { decisionId, actionId });
    }
    expect(desk.kinds('call-1').filter((kind) => kind.endsWith(actionId))).toEqual([
      `offered ${actionId}`,
      `delivered ${actionId}`,
      `seen ${actionId}`,
    ]);
    expect(desk.measured.eventToCardMs).toHaveLength(1);
    expect(desk.measured.eventToCardMs[0]).toBeGreaterThanOrEqual(0);
    expect(desk.measured.eventToCardMs[0]).toBeLessThan(5_000);
  });

  test('partial utterances are shown, redacted, and never decided on', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const before = desk.lines.length;
    const { event } = desk.event('call-1', 'sotto.utterance.partial', {
      utteranceId: 'p-1',
      speaker: 'customer',
      text: 'my card number is 4111 1111 1111 1111',
      startMs: 0,
      endMs: 900,
    });
    await desk.engine.partial({ callId: 'call-1', event });
    expect(desk.lines).toHaveLength(before);
    const shown = (await desk.view()).call?.transcript;
    expect(shown).toMatchObject([{ utteranceId: 'p-1', final: false }]);
    expect(JSON.stringify(desk.changes)).not.toContain('1111');
    expect(desk.store.loadCall('call-1')?.events).toHaveLength(2);
  });

  test('a discretionary card waits while somebody speaks, and comes with the pause', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    await desk.utter('call-1', 'customer', 'Why is my bill so high this month?');
    expect((await desk.view()).cards).toEqual([]);
    expect(desk.lines.at(-1)).toMatchObject({ kind: 'refrain', what: 'someone-speaking' });
    await desk.advance(700);
    expect((await desk.view()).cards.length).toBeGreaterThan(0);
    expect(desk.lines.at(-1)).toMatchObject({ kind: 'show', trigger: 'timer' });
  });

  test('a decision equal to the last one is a repeat of at most 400 bytes', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    await desk.utter('call-1', 'agent', 'Good morning.');
    await desk.utter('call-1', 'agent', 'How are you?');
    await desk.utter('call-1', 'agent', 'Nice weather.');
    const kinds = (desk.store.takeBatch('device-1', { items: 50, bytes: 1_000_000 })?.items ?? []).map(
      ({ kind, body }) => [kind, body.length] as const,
    );
    const repeats = kinds.filter(([kind]) => kind === 'repeat');
    expect(repeats.length).toBeGreaterThanOrEqual(2);
    for (const [, length] of repeats) expect(length).toBeLessThanOrEqual(400);
    expect(kinds.filter(([kind]) => kind === 'decision').length).toBeLessThan(desk.lines.length);
  });
});

describe('answers', () => {
  test('the same answer twice is saved once; another answer is refused', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const card = await desk.showCard('call-1');
    const first = await desk.answer(card);
    expect(await desk.answer(card)).toEqual(first);
    expect(await desk.answer(card, 'rejected')).toMatchObject({
      saved: false,
      reason: 'already-answered',
      detail: expect.stringMatching(/./),
    });
    expect(desk.kinds('call-1').filter((kind) => kind.startsWith('accepted'))).toHaveLength(1);
  });

  test('an unknown prompt, and an action that was not on the card, are refused', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const card = await desk.showCard('call-1');
    expect(await desk.answer({ ...card, decisionId: 'decision-x' })).toMatchObject({ saved: false, reason: 'no-such-prompt' });
    expect(await desk.answer({ ...card, actionId: 'no-such-action' })).toMatchObject({ saved: false, reason: 'no-such-prompt' });
  });

  test('a rejection is not shown again on the call; its reason, given afterwards, replaces it without counting twice', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const card = await desk.showCard('call-1');
    const rejected = idOf(await desk.answer(card, 'rejected'));
    const withReason = idOf((await desk.engine.request('card:reason', { outcomeId: rejected, reason: 'not-relevant' })) as Saved);
    expect(await desk.engine.request('card:reason', { outcomeId: rejected, reason: 'not-relevant' })).toEqual({
      saved: true,
      outcomeId: withReason,
    });
    const outcomes = desk.store.loadCall('call-1')?.outcomes ?? [];
    const retracted = new Set(outcomes.map(({ retracts }) => retracts));
    expect(outcomes.filter(({ kind, id }) => kind === 'rejected' && !retracted.has(id))).toMatchObject([
      { id: withReason, reason: 'not-relevant' },
    ]);
    await desk.advance(120_000);
    await desk.utter('call-1', 'customer', 'I still want to know why my bill is so high.');
    await desk.advance(4_000);
    expect(desk.kinds('call-1').filter((kind) => kind === `offered ${card.actionId}`)).toHaveLength(1);
  });

  test('undo within five seconds brings the card back as a second outcome; afterwards it is too late', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const card = await desk.showCard('call-1');
    const accepted = idOf(await desk.answer(card));
    await desk.advance(UNDO_MS - 1_000);
    const undone = (await desk.engine.request('card:undo', { outcomeId: accepted })) as Saved;
    expect(undone.saved).toBe(true);
    expect((await desk.view()).cards[0]).toMatchObject({ decisionId: card.decisionId, state: 'open', outcomeId: null });
    const again = idOf(await desk.answer(card));
    await desk.advance(UNDO_MS + 1);
    expect(await desk.engine.request('card:undo', { outcomeId: again })).toMatchObject({ saved: false, reason: 'expired' });
    expect(desk.kinds('call-1').filter((kind) => kind.endsWith(` ${card.actionId}`))).toEqual([
      `offered ${card.actionId}`,
      `accepted ${card.actionId}`,
      `retracted ${card.actionId}`,
      `accepted ${card.actionId}`,
    ]);
  });

  test('an override names the other action; its note is redacted before it is stored', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const { decisionId, actionId } = await desk.showCard('call-1');
    const { actions } = IPC['explain:actions'].response.parse(await desk.engine.request('explain:actions', { callId: 'call-1' }));
    const chosen = actions.find(
      ({ actionId: other, stage }) => other !== actionId && !['available', 'basis', 'eligibility', 'care'].includes(stage),
    );
    expect(chosen).toBeDefined();
    const answer = { kind: 'overridden', chosenActionId: chosen?.actionId, reason: 'know-better', note: 'card 4111 1111 1111 1111' };
    const unknown = { ...answer, chosenActionId: 'no-such-action' };
    expect(await desk.engine.request('card:answer', { decisionId, actionId, answer: unknown })).toMatchObject({ saved: false });
    const forbidden = actions.find(({ stage }) => stage === 'basis' || stage === 'eligibility' || stage === 'care');
    const notPermitted = { ...answer, chosenActionId: forbidden?.actionId };
    const refused = await desk.engine.request('card:answer', { decisionId, actionId, answer: notPermitted });
    expect(refused).toMatchObject({ saved: false, reason: 'no-longer-permitted' });
    expect(await desk.engine.request('card:answer', { decisionId, actionId, answer })).toMatchObject({ saved: true });
    const overridden = desk.store.loadCall('call-1')?.outcomes.filter(({ kind }) => kind === 'overridden') ?? [];
    expect(overridden).toHaveLength(1);
    expect(overridden[0]).toMatchObject({ reason: 'know-better', note: expect.not.stringContaining('1111') });
  });

  test('a snoozed card goes and stays away for as long as was asked', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const { decisionId, actionId } = await desk.showCard('call-1');
    await desk.engine.request('card:answer', { decisionId, actionId, answer: { kind: 'snoozed', forMs: 60_000 } });
    await desk.advance(30_000);
    expect((await desk.view()).cards.filter((card) => card.actionId === actionId)).toEqual([]);
  });

  test('nobody answers: it expires, and the outcome says whether it was seen', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const card = await desk.showCard('call-1');
    await desk.engine.request('card:seen', { decisionId: card.decisionId, actionId: card.actionId });
    await desk.advance(card.expiresAtMs - desk.clock.nowMs());
    const expired = desk.store
      .loadCall('call-1')
      ?.outcomes.filter(({ kind, decisionId }) => kind === 'expired' && decisionId === card.decisionId);
    expect(expired?.find(({ actionId }) => actionId === card.actionId)?.seen).toBe(true);
    expect(await desk.answer(card)).toMatchObject({ saved: false, reason: 'expired' });
  });

  test('quiet keeps discretionary cards away until it is taken back', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    await desk.showCard('call-1');
    await desk.engine.request('call:quiet', { callId: 'call-1', quiet: true });
    const quiet = await desk.view();
    expect(quiet.cards.filter(({ urgency }) => urgency !== 'must')).toEqual([]);
    expect(quiet.call?.quiet).toBe(true);
    await desk.engine.request('call:quiet', { callId: 'call-1', quiet: false });
    await desk.advance(60_000);
    expect((await desk.view()).call?.quiet).toBe(false);
  });

  test('a request that does not fit its row, and a channel that is not the engine’s, are rejected', async () => {
    await using desk = await DeskBench.open();
    await expect(desk.engine.request('card:answer', { decisionId: 'x' })).rejects.toThrow(/card:answer/);
    await expect(desk.engine.request('window:theme', { theme: 'dark' })).rejects.toThrow(/no such channel/);
    await expect(desk.engine.request('constructor', {})).rejects.toThrow(/no such channel/);
  });
});

describe('[O3] nothing of one call on another, nothing after its end', () => {
  test('the end of a call takes its cards away, and answers to them are refused', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const card = await desk.showCard('call-1');
    await desk.say('call-1', 'sotto.call.ended', { reason: 'customer-hung-up' });
    const view = await desk.view();
    expect(view.cards).toEqual([]);
    expect(view.refrain).toMatchObject({ reason: 'call-not-active' });
    expect(desk.kinds('call-1').at(-1)).toMatch(/^withdrawn /);
    expect(await desk.answer(card)).toMatchObject({ saved: false, reason: 'call-ended' });
    const decided = desk.lines.length;
    await desk.utter('call-1', 'customer', 'Why is my bill so high?');
    await desk.advance(60_000);
    expect(desk.lines).toHaveLength(decided);
  });

  test('two calls: each has its own cards, and the window shows those of the call in front', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const first = await desk.showCard('call-1');
    await desk.say('call-1', 'sotto.call.held', { agentId: AGENT });
    await desk.begin('call-2', 'cust-0002');
    const view = await desk.view();
    expect(view.call?.callId).toBe('call-2');
    expect(view.otherCalls).toMatchObject([{ callId: 'call-1', phase: 'held' }]);
    expect(view.cards.map(({ decisionId }) => decisionId)).not.toContain(first.decisionId);
    await desk.engine.request('call:front', { callId: 'call-1' });
    expect((await desk.view()).call?.callId).toBe('call-1');
  });
});

describe('[C1] the basis is asked again', () => {
  test('a withdrawal takes the card away at once and an answer to it is refused', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const card = await desk.showCard('call-1');
    const excluded = await desk.engine.install({ revision: REVISION });
    expect(excluded.ok).toBe(true);
    await desk.engine.settled();
    expect((await desk.view()).cards[0]?.decisionId).toBe(card.decisionId);
    await desk.say('call-1', 'sotto.call.identified', { identity: 'unknown' });
    const left = (await desk.view()).cards.filter(({ decisionId }) => decisionId === card.decisionId);
    expect(left).toEqual([]);
    expect(await desk.answer(card)).toMatchObject({ saved: false, reason: 'no-longer-permitted' });
  });
});

describe('a card speaks of whom it was offered for', () => {
  test('the caller turns out to be somebody else: what was said of the first is gone, and the same action is another card in other words', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const card = await desk.showCard('call-1');
    const other = {
      ...CUSTOMER,
      customerId: 'cust-0002',
      fields: { ...CUSTOMER.fields, lastBill: 61, billIncrease: 20, roamingCharges: 20 },
    };
    await desk.engine.context({ callId: 'call-1', profile: other, outcomes: [], complete: true });
    await desk.say('call-1', 'sotto.call.identified', { customerId: other.customerId, identity: 'verified' });
    const { cards } = await desk.view();
    expect(cards.map(({ decisionId }) => decisionId)).not.toContain(card.decisionId);
    const again = cards.find(({ actionId }) => actionId === card.actionId);
    expect(again).toBeDefined();
    expect(again?.reasons).not.toEqual(card.reasons);
    expect(desk.kinds('call-1')).toContain(`withdrawn ${card.actionId}`);
    expect(await desk.answer(card)).toMatchObject({ saved: false });
  });

  test('what the customer says calls for another wording of the same action: the card is another', async () => {
    const reworded = smallRevision(1).files.find(({ path }) => path.endsWith('/explain-bill.yaml'));
    const gentle =
      '  - id: moving\n    channel: voice\n    language: en\n    when: said("customer", "moving")\n    do: Do it at the new place\n';
    const text = (reworded?.text ?? '').replace('value: 30', 'value: 90').replace('treatments:\n', `treatments:\n${gentle}`);
    const revision = smallRevision(1, [{ path: reworded?.path ?? '', text }]);
    await using desk = await DeskBench.open({ bundles: [{ revision }] });
    await desk.begin('call-1');
    const card = await desk.showCard('call-1');
    expect(card).toMatchObject({ actionId: 'explain-bill', treatmentId: 'voice' });
    await desk.utter('call-1', 'customer', 'You know I am moving house.');
    await desk.advance(4_000);
    const { cards } = await desk.view();
    const again = cards.filter(({ actionId }) => actionId === 'explain-bill');
    expect(again).toMatchObject([{ treatmentId: 'moving', do: 'Do it at the new place' }]);
    expect(await desk.answer(card)).toMatchObject({ saved: false });
    expect(await desk.answer(again[0]!)).toMatchObject({ saved: true });
  });
});

describe('explaining', () => {
  test('why and why not leave the store byte for byte as it was, and speak of the decision asked about', async () => {
    await using desk = await DeskBench.open();
    await desk.begin('call-1');
    const card = await desk.showCard('call-1');
    const before = [desk.store.counts(), desk.store.lastClock(), desk.lines.length];
    const { decisionId, actionId } = card;
    const all = IPC['explain:actions'].response.parse(await desk.engine.request('explain:actions', { callId: 'call-1' }));
    const one = await desk.engine.request('explain:verdict', { callId: 'call-1', decisionId, actionId });
    expect(all.actions.length).toBeGreaterThan(60);
    expect(one).toMatchObject({ verdict: { actionId, stage: 'shown', strength: 'strong' } });
    expect([desk.store.counts(), desk.store.lastClock(), desk.lines.length]).toEqual(before);
  });
});
