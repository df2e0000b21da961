import { describe, expect, test } from 'vitest';
import type { DeskView } from '#contract/desk.ts';
import { EMPTY_PLACE, settlePlace } from '../../renderer/stores/settle-place.ts';
import type { Hold, Place } from '../../renderer/stores/settle-place.ts';
import { call, card, could, desk, must, NOW_MS, timeline } from './scenes.ts';

const FREE: Hold = { attended: false, keyed: false };
const ATTENDED: Hold = { attended: true, keyed: false };
const KEYED: Hold = { attended: false, keyed: true };
const open = (): boolean => false;

const showing = (view: DeskView): Place => settlePlace(EMPTY_PLACE, view, true, FREE, open);
const first = showing(desk({ cards: [card()] }));
const after = (cards: DeskView['cards'], hold: Hold, over: Partial<DeskView> = {}) =>
  settlePlace(first, desk({ cards, ...over }), true, hold, open).shown?.actionId ?? null;

describe('the place of the primary card', () => {
  test('shows the primary card and no chip', () => {
    expect(first.shown?.actionId).toBe('loyalty-credit');
    expect(showing(desk({ cards: [card({ role: 'chip' })] })).shown).toBeNull();
  });

  test('swaps at once when nobody attends to the card', () => {
    expect(after([could], FREE)).toBe('usage-alert');
  });

  test.each([
    ['hovered or focused', ATTENDED],
    ['just after a key', KEYED],
  ])('holds the swap while %s, and keeps what waits', (_, hold) => {
    const held = settlePlace(first, desk({ cards: [could] }), true, hold, open);
    expect([held.shown?.actionId, held.next?.actionId]).toEqual(['loyalty-credit', 'usage-alert']);
    expect(settlePlace(held, desk({ cards: [could] }), true, FREE, open).shown?.actionId).toBe('usage-alert');
  });

  test.each([ATTENDED, KEYED])('a must-say line is never held', (hold) => {
    expect(after([must], hold)).toBe('recording-notice');
  });

  test.each<[string, Partial<DeskView>]>([
    ['no card is left', { cards: [] }],
    ['the card is withdrawn', { cards: [card({ state: 'withdrawn' })] }],
    ['the card expired', { cards: [card({ state: 'expired' })] }],
    ['the call ended', { cards: [card()], call: call({ phase: 'ended' }) }],
    ['wrap-up began', { cards: [card()], call: call({ phase: 'wrap-up' }) }],
    ['there is no call', { cards: [card()], call: null }],
  ])('is empty at once, whatever is held, when %s', (_, over) => {
    expect(after(over.cards ?? [], { attended: true, keyed: true }, over)).toBeNull();
  });

  test('is empty at once when the engine is away', () => {
    expect(settlePlace(first, desk({ cards: [card()] }), false, ATTENDED, open).shown).toBeNull();
  });

  test.each<[string, Partial<DeskView>]>([
    ['marked as withdrawn', { cards: [card({ state: 'withdrawn' }), could] }],
    [
      'gone with a withdrawal in the timeline',
      {
        cards: [could],
        call: call({ timeline: [...timeline, { id: 'w', atMs: NOW_MS, callTimeS: 187, kind: 'prompt.withdrawn', detail: null }] }),
      },
    ],
    ['on another call', { cards: [could], call: call({ callId: 'call-2' }) }],
  ])('what is %s does not stay because it is hovered', (_, over) => {
    expect(after(over.cards ?? [], ATTENDED, over)).toBe('usage-alert');
  });

  test('an answered card is held by a key, not by the pointer resting on it', () => {
    const answered = desk({ cards: [card({ state: 'rejected' }), could] });
    expect(settlePlace(first, answered, true, ATTENDED, ({ state }) => state !== 'open').shown?.actionId).toBe('usage-alert');
    expect(settlePlace(first, answered, true, KEYED, ({ state }) => state !== 'open').shown?.actionId).toBe('loyalty-credit');
  });

  test('the same prompt is updated in place while held', () => {
    expect(settlePlace(first, desk({ cards: [card({ state: 'accepted' })] }), true, ATTENDED, open).shown?.state).toBe('accepted');
  });
});
