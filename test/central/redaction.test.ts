import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { onPostgres, embeddedFolder } from './engines.ts';
import { batch, item, openCentral, outcome, Producer, TestDesk, until } from './fixture.ts';

const CARDS = ['4111 1111 1111 1111', '5500-0055-5555-5559', '378282246310005', '6011000990139424'];

/** Card numbers said, typed and noted wherever text is allowed, and a name that must stay out of logs. */
function plant(producer: Producer): readonly object[] {
  const [a = '', b = '', c = '', d = ''] = CARDS;
  return [
    producer.event('sotto.call.offered', {
      agentId: 'ann',
      direction: 'inbound',
      queue: 'billing',
      identity: 'verified',
      customerId: 'cust-1',
      ivr: [`card ${a}`],
    }),
    producer.said(`My card number is ${a}, thank you`),
    producer.said(`it is ${b} and the security code is 737`),
    producer.said('my password is Wombat77zz'),
    producer.said('four one one one, one one one one, one one one one, one one one one'),
    producer.event('sotto.utterance.partial', { utteranceId: 'p', speaker: 'customer', text: `so ${c}`, startMs: 0, endMs: 1 }),
    producer.event('sotto.journey.changed', { customerId: 'cust-1', journey: `j ${c}`, step: `s ${d}`, entered: true }),
    producer.event('sotto.profile.updated', { customerId: 'cust-1', version: 50, fields: { plan: `old ${d}`, tags: [`x ${a}`] } }),
    producer.event('sotto.call.ended', { reason: 'customer-hung-up' }),
    producer.event('sotto.wrapup.started', { agentId: 'ann' }),
    producer.event('sotto.wrapup.ended', { agentId: 'ann', disposition: `paid ${b}` }),
  ];
}

const SECRETS = [...CARDS, ...CARDS.map((card) => card.replaceAll(/\D/g, '')), 'Wombat77zz', 'one one one one, one one one one'];

test('planted secrets are in no byte of the embedded store and in no line of the log', async () => {
  const embedded = await embeddedFolder();
  const { folder } = embedded;
  const opened = await openCentral(null, { folder });
  const desk = await TestDesk.connect(opened.central, 'ann');
  const producer = new Producer();
  for (const event of plant(producer)) expect(await opened.central.intake(event)).toMatchObject({ result: 'accepted' });
  // Refused events must leave nothing either.
  await opened.central.intake({ ...producer.said(`secret ${CARDS[0]}`), sequence: -1 });
  await opened.central.intake(producer.said(`late ${CARDS[0]}`, { time: new Date(Date.now() + 60_000).toISOString() }));
  await desk.send(batch('dev-ann', [item(1, 'outcome', outcome({ callId: producer.callId, kind: 'rejected', note: `said ${CARDS[1]}` }))]));
  const bad = JSON.stringify({ note: CARDS[2] });
  await desk.send(batch('dev-ann', [{ seq: 2, kind: 'outcome', id: 'x', hash: 'f'.repeat(64), body: bad }]));
  await until('processed', () => desk.seqs(producer.callId).length === 10);
  expect(JSON.stringify(desk.messages)).not.toMatch(/4111|1111 1111|Wombat/);
  desk.close();
  await opened.close();
  let files = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    files++;
    const bytes = readFileSync(join(entry.parentPath, entry.name)).toString('latin1');
    for (const secret of SECRETS) expect([entry.name, bytes.includes(secret)]).toEqual([entry.name, false]);
  }
  expect(files).toBeGreaterThan(500);
  // The canary: the scan finds what is there.
  const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(all.some((entry) => readFileSync(join(entry.parentPath, entry.name)).toString('latin1').includes('[card]'))).toBe(true);
  for (const secret of [...SECRETS, 'Mina Park', 'thank you']) expect(opened.logged.join('\n')).not.toContain(secret);
  embedded.remove();
});

onPostgres((engine) => {
  test('planted secrets are in no table', async () => {
    const opened = await openCentral(await engine.open());
    const producer = new Producer();
    for (const event of plant(producer)) expect(await opened.central.intake(event)).toMatchObject({ result: 'accepted' });
    const { db } = opened.central.store;
    const tables = ['call_events', 'customers', 'outcomes', 'interactions', 'calls', 'counts', 'dead_letters'] as const;
    let rows = 0;
    for (const table of tables) {
      const text = JSON.stringify(await db.selectFrom(table).selectAll().execute());
      rows += text.length;
      for (const secret of SECRETS) expect([table, text.includes(secret)]).toEqual([table, false]);
    }
    expect(rows).toBeGreaterThan(1_000);
    await opened.close();
  });
});
