import { expect, test } from 'vitest';
import { DeskBench } from './desk-bench.ts';
import { MemoryLink } from './memory-link.ts';

test('words that came late say so; what was said before the desk was connected does not', async () => {
  const link = new MemoryLink();
  await using desk = await DeskBench.open({ surroundings: { link } });
  const linkState = async () => (await desk.view()).link;
  await desk.begin('call-1');
  const words = (id: string) =>
    desk.event('call-1', 'sotto.utterance.final', { utteranceId: id, speaker: 'agent', text: 'One moment.', startMs: 0, endMs: 1_000 });
  const whileAway = words('u-away');
  await desk.advance(60_000);
  link.connect();
  await desk.advance(1_000);
  await link.say('delivery', whileAway);
  expect(await linkState()).toMatchObject({ state: 'live', delayS: 0 });

  const held = words('u-held');
  await desk.advance(6_000);
  await link.say('delivery', held);
  expect(await linkState()).toMatchObject({ state: 'delayed', delayS: 6 });
  await link.say('delivery', words('u-at-once'));
  expect(await linkState()).toMatchObject({ state: 'live', delayS: 0 });

  const stillHeld = words('u-still-held');
  await desk.advance(6_000);
  await link.say('delivery', stillHeld);
  expect(await linkState()).toMatchObject({ state: 'delayed' });
  await desk.advance(4_900);
  expect(await linkState()).toMatchObject({ state: 'delayed' });
  await desk.advance(200);
  expect(await linkState()).toMatchObject({ state: 'live', delayS: 0 });

  const late = words('u-late');
  await desk.advance(6_000);
  await link.say('delivery', late);
  link.disconnect();
  expect(await linkState()).toMatchObject({ state: 'offline' });
  link.connect();
  expect(await linkState()).toMatchObject({ state: 'live', delayS: 0 });
});
