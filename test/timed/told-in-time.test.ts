/** How soon desks at every node know what central has decided, and what was said to another node when no notification comes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { onPostgres } from '../central/engines.ts';
import { Producer, TestDesk, until } from '../central/fixture.ts';
import { People, PEOPLE, stricter } from '../central/governing.ts';
import { smallPolicy } from '../central/small-policy.ts';
import { POLL_MS, twoNodes } from '../central/two-nodes.ts';
import { timedTest } from './timed-test.ts';

const TOLD_WITHIN_MS = 1_000;
/** What comes later than this was not found by the poll. */
const BY_POLL_MS = POLL_MS + 600;
const ROUNDS = 10;

const slowest = (what: string, tookMs: readonly number[]): number => {
  const longest = Math.max(...tookMs);
  console.log(`${what}: ${tookMs.length} times, ${Math.round(longest)} ms at most`);
  return longest;
};

onPostgres((engine) => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sotto-told-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  timedTest('what is taken out, put back or published is at the desks of both nodes within a second', {}, async () => {
    const { a, b, close } = await twoNodes(engine, folder);
    await a.loadOrganisation({ agents: PEOPLE, customers: [], policyFiles: smallPolicy(1), models: [] });
    const people = new People(() => a);
    const desks = [await TestDesk.connect(a, 'ann', 'dev-a'), await TestDesk.connect(b, 'ann', 'dev-b')];
    const told = () => desks.map((desk) => desk.named('versions').at(-1));
    const tookMs: number[] = [];
    const timed = async (what: string, act: () => Promise<unknown>, isTold: () => boolean): Promise<void> => {
      const startMs = performance.now();
      await act();
      await until(what, isTold);
      tookMs.push(performance.now() - startMs);
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      const untilMs = Date.now() + 60_000;
      let exclusionId = '';
      await timed(
        'out',
        async () => {
          const { body } = await people.ask('sup', '/api/exclusions', { actionId: 'change-plan', reason: 'It charges twice', untilMs });
          exclusionId = String(body['exclusionId']);
        },
        () => told().every((versions) => versions?.excluded.includes('change-plan') === true),
      );
      await timed(
        'lifted',
        () => people.ask('sup', `/api/exclusions/${exclusionId}/lift`, {}),
        () => told().every((versions) => versions?.excluded.length === 0),
      );
    }
    const change = await people.propose('c1', stricter(2));
    await people.review('c2', change.requestId);
    await timed(
      'published',
      () => people.publish('c3', change.requestId),
      () => told().every((versions) => versions?.revision === change.hash),
    );
    for (const desk of desks) desk.close();
    await close();
    expect(slowest('decided → at the desks of both nodes', tookMs)).toBeLessThan(TOLD_WITHIN_MS);
  });

  timedTest('[X7] with every notification lost the poll finds what another node was told within two seconds', {}, async () => {
    const { a, b, close } = await twoNodes(engine, folder, POLL_MS, () => () => {});
    const desk = await TestDesk.connect(b, 'ann');
    const tookMs = await Promise.all(
      Array.from({ length: ROUNDS }, async () => {
        const producer = new Producer();
        await a.intake(producer.offered('ann'));
        await a.intake(producer.said('words'));
        const startMs = performance.now();
        await until('both events arrived', () => desk.seqs(producer.callId).length === 2);
        return performance.now() - startMs;
      }),
    );
    desk.close();
    await close();
    expect(slowest('told → at the desk by the poll', tookMs)).toBeLessThan(BY_POLL_MS);
  });
});
