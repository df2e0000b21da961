import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMigrations } from '#adapters/sqlite/migrations.ts';
import { openSqliteStore } from '#adapters/sqlite/open-store.ts';
import type { CallEvent } from '#contract/call-events.ts';
import { callEventsOf, type RecordedCall } from '#main/cli/recordings/recorded-call.ts';
import { runSotto } from './run-sotto.ts';

const MIGRATIONS = path.join(import.meta.dirname, '..', '..', 'migrations', 'desktop');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-replay-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Summary {
  readonly calls: number;
  readonly events: number;
  readonly accepted: number;
  readonly duplicate: number;
  readonly refused: number;
  readonly byType: Readonly<Record<string, { read: number; accepted: number; duplicate: number; refused: number }>>;
  readonly refusals: Readonly<Record<string, number>>;
  readonly utterances: number;
  readonly utterancesInState: number;
  readonly decisions: number;
  readonly shown: number;
  readonly refrained: number;
}

const call = (callId: string, said: readonly string[], offeredAtMs = Date.UTC(2025, 5, 2, 10)): RecordedCall => ({
  callId,
  origin: 'test',
  agentId: 'agent-1',
  queue: 'billing',
  offeredAtMs,
  items: said.map((text, at) => ({
    kind: 'utterance',
    speaker: at % 2 === 0 ? 'customer' : 'agent',
    text,
    endAtMs: offeredAtMs + 10_000 + at * 8_000,
  })),
  endReason: 'customer-hung-up',
  disposition: 'done',
});
const linesOf = (recorded: RecordedCall, partials = false): string[] =>
  [...callEventsOf(recorded, partials)].map((event) => JSON.stringify(event));
const BILL = call('bill', ['My bill is far too high this month', 'Let me look', 'I want to cancel', 'I see', 'Cancel it today please']);

const replay = async (name: string, lines: readonly string[], ...more: string[]) => {
  const file = path.join(folder, name);
  const text = `${lines.join('\n')}\n`;
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text);
  const ran = await runSotto(['replay-calls', file, '--json', ...more]);
  const printed = ran.out.trimEnd().split('\n');
  return { ...ran, lines: printed.slice(0, -1), summary: JSON.parse(printed.at(-1) || '{}') as Summary };
};

/** What holds of every replay: nothing read is lost, in total and per type. */
const adds = (summary: Summary): void => {
  let read = 0;
  for (const [type, counts] of Object.entries(summary.byType)) {
    expect(counts.accepted + counts.duplicate + counts.refused, type).toBe(counts.read);
    read += counts.read;
  }
  expect(read).toBe(summary.events);
  expect(summary.accepted + summary.duplicate + summary.refused).toBe(summary.events);
  expect(summary.shown + summary.refrained).toBe(summary.decisions);
};

const stores = (): string[] =>
  ['/dev/shm', tmpdir()]
    .filter((place) => existsSync(place))
    .flatMap((place) => readdirSync(place))
    .filter((name) => /^sotto-replay-(?!test)/.test(name));

/** All of a decision but how long it took. */
const decided = (line: string): object => ({ ...(JSON.parse(line) as object), micros: 0 });

describe('sotto replay-calls', () => {
  it('takes every event of a good file, decides, and has every utterance in a state; plain and gzipped alike', async () => {
    const lines = [...linesOf(BILL), ...linesOf(call('later', ['Hello', 'Hi', 'My internet is down'], Date.UTC(2025, 5, 2, 11)))];
    const plain = await replay('good.jsonl', lines);
    expect(plain.code, plain.err).toBe(0);
    adds(plain.summary);
    expect(plain.summary).toMatchObject({ calls: 2, events: lines.length, accepted: lines.length, refused: 0, duplicate: 0 });
    expect(plain.summary).toMatchObject({ utterances: 8, utterancesInState: 8 });
    expect(plain.summary.decisions).toBe(plain.lines.length);
    expect(plain.summary.shown).toBeGreaterThan(0);
    for (const line of plain.lines)
      expect(JSON.parse(line)).toMatchObject({ callId: expect.any(String), kind: expect.stringMatching(/^(show|refrain)$/) });
    const zipped = await replay('good.jsonl.gz', lines);
    expect(zipped.lines.map(decided)).toEqual(plain.lines.map(decided));
  });

  it('counts malformed lines as refused and duplicates as duplicates, and goes on', async () => {
    const good = linesOf(BILL);
    const change = (at: number, by: (event: CallEvent & Record<string, unknown>) => object) =>
      JSON.stringify(by(JSON.parse(good[at] ?? '') as never));
    const bad = [
      '{"half":',
      '[]',
      'null',
      change(0, (event) => ({ ...event, type: 'sotto.call.exploded', id: 'x1' })),
      change(0, (event) => ({ ...event, specversion: '0.3', id: 'x2' })),
      change(0, (event) => ({ ...event, time: 'yesterday', id: 'x3' })),
      change(3, (event) => ({ ...event, id: 'x4', sequence: 77, data: { ...event.data, text: 7 } })),
      change(3, (event) => ({ ...event, id: 'x5' })),
      JSON.stringify({ id: 'x6', text: 'x'.repeat(70_000) }),
    ];
    const { code, summary, err } = await replay('bad.jsonl', [...good.slice(0, 4), ...bad, ...good.slice(2, 4), ...good.slice(4)]);
    expect(code).toBe(0);
    adds(summary);
    expect(summary).toMatchObject({ events: good.length + bad.length + 2, accepted: good.length, duplicate: 2, refused: bad.length });
    expect(summary.refusals).toMatchObject({
      'not-json': 1,
      'too-large': 1,
      'unknown-type': 1,
      'bad-time': 1,
      'bad-data': 1,
      'sequence-reused': 1,
    });
    expect(summary.byType['sotto.call.exploded']).toMatchObject({ read: 1, refused: 1 });
    expect(summary.byType['none']?.refused).toBe(4);
    expect(err).toContain('bad.jsonl:5 refused, not-json');
  });

  it('bears utterances in progress, calls in between each other, and calls that go back in time', async () => {
    const a = linesOf(call('a', ['one two three', 'four five six', 'seven']), true);
    const b = linesOf(call('b', ['eight nine', 'ten eleven', 'twelve']), true);
    const earlier = linesOf(call('c', ['long ago', 'indeed'], Date.UTC(2019, 0, 1)));
    const mixed = a.flatMap((line, at) => [line, b[at] ?? '']).filter((line) => line !== '');
    const { code, summary, err } = await replay('mixed.jsonl', [...mixed, ...earlier]);
    expect(code, err).toBe(0);
    adds(summary);
    expect(summary).toMatchObject({ calls: 3, refused: 0, utterances: 8, utterancesInState: 8 });
    expect(summary.byType['sotto.utterance.partial']?.accepted).toBeGreaterThan(0);
  });

  it('stores nothing that must not be stored: a card number said on the call is in no file of the store', async () => {
    const store = path.join(folder, 'kept');
    const spoken = call('card', ['My card number is 4111 1111 1111 1111', 'Thank you']);
    const { code, summary } = await replay('card.jsonl', linesOf(spoken), '--store', store);
    expect(code).toBe(0);
    expect(summary).toMatchObject({ utterances: 2, utterancesInState: 2 });
    const opened = openSqliteStore({ folder: store, keyHex: '0'.repeat(64), migrations: readMigrations(MIGRATIONS), nowMs: Date.now() });
    if (!opened.ok) throw new Error(opened.words);
    const kept = JSON.stringify(opened.store.loadCall('card'));
    opened.store.close();
    expect(kept).toContain('Thank you');
    expect(kept).not.toMatch(/4111|1111/);
  });

  it('uses another policy, and says what is wrong with a bad one', async () => {
    const bad = await replay('policy.jsonl', linesOf(BILL), '--policy', folder);
    expect(bad.code).toBe(1);
    expect(bad.err).toMatch(/\d+ faults, the first: /);
    const quiet = await replay('quiet.jsonl', linesOf(BILL), '--quiet');
    expect(quiet.lines).toEqual([]);
  });

  it('prints one readable line per decision without --json, and the summary last', async () => {
    const file = path.join(folder, 'readable.jsonl');
    writeFileSync(file, `${linesOf(BILL).join('\n')}\n`);
    const { code, out } = await runSotto(['replay-calls', file]);
    expect(code).toBe(0);
    expect(out).toMatch(/ bill \d\d:\d\d {2}(show|refrain) /);
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/^\d+ decisions: \d+ shown, \d+ refrained/);
  });

  it('leaves no temporary store behind, and exits 1 where nothing could be taken', async () => {
    const before = stores();
    const { code, err, summary } = await replay('nothing.jsonl', ['not a call']);
    expect(code).toBe(1);
    adds(summary);
    expect(err).toContain('holds no call event that could be taken');
    expect(stores().filter((name) => !before.includes(name))).toEqual([]);
  });
});
