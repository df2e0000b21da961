import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdsForCalls, readEvents } from './call-files.ts';
import { runSotto } from './run-sotto.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-import-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const place = (name: string, content: string | Buffer): string => {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
};
const imported = async (from: string, from2: readonly string[], out: string, ...more: string[]) => {
  const target = path.join(folder, out);
  const ran = await runSotto([
    'import-calls',
    '--from',
    from,
    ...from2.flatMap((one) => ['--in', one]),
    '--out',
    target,
    '--json',
    ...more,
  ]);
  return { ...ran, target, counts: ran.out === '' ? {} : (JSON.parse(ran.out) as Record<string, number>) };
};

const star = (id: number, events: readonly object[], more: object = {}): string =>
  JSON.stringify({
    DialogueID: id,
    BatchID: 'woz_1589355382',
    CompletionLevel: 'Complete',
    AnonymizedUserWorkerID: 'user-1',
    AnonymizedWizardWorkerID: 'wizard-1',
    Scenario: { Domains: ['bank', null] },
    Events: events,
    ...more,
  });
const BANK = star(7, [
  { Agent: 'UserGuide', Action: 'instruct', Text: 'Ask for your balance.', UnixTime: 1_589_375_600 },
  { Agent: 'User', Action: 'utter', Text: 'What is my balance?', UnixTime: 1_589_375_610 },
  { Agent: 'Wizard', Action: 'request_suggestions', Text: 'your name?', UnixTime: 1_589_375_612 },
  { Agent: 'Wizard', Action: 'pick_suggestion', Text: 'Could I get your name, please?', UnixTime: 1_589_375_615 },
  { Agent: 'Wizard', Action: 'query', APIName: 'bank_balance', Constraints: [{ RequestType: '"Check"' }], UnixTime: 1_589_375_620 },
  { Agent: 'KnowledgeBase', Action: 'return_item', APIName: 'bank_balance', Item: {} },
  { Agent: 'Wizard', Action: 'utter', Text: 'It is 12 dollars.', UnixTime: 1_589_375_625 },
  { Agent: 'User', Action: 'complete', UnixTime: 1_589_375_630 },
]);
const HEADING = 'conversationId\tturnNumber\tutteranceId\tutterance\tslot-labels\tintent\n';

describe('importing STAR', () => {
  it('makes speech of what reached the other side, steps of queries, and nothing of instructions and drafts', async () => {
    const { code, target, counts } = await imported('star', [place('one/dialogues.jsonl', `${BANK}\n`)], 'one.jsonl');
    expect(code).toBe(0);
    const events = readEvents(target);
    expect(holdsForCalls(events)).toBe(1);
    expect(events.map(({ type }) => type.replace('sotto.', ''))).toEqual([
      'call.offered',
      'call.accepted',
      'call.connected',
      'utterance.final',
      'utterance.final',
      'journey.changed',
      'utterance.final',
      'call.ended',
      'wrapup.started',
      'wrapup.ended',
    ]);
    expect(
      events.flatMap((event) => (event.type === 'sotto.utterance.final' ? [[event.data.speaker, event.data.text, event.time]] : [])),
    ).toEqual([
      ['customer', 'What is my balance?', '2020-05-13T13:13:30.000Z'],
      ['agent', 'Could I get your name, please?', '2020-05-13T13:13:35.000Z'],
      ['agent', 'It is 12 dollars.', '2020-05-13T13:13:45.000Z'],
    ]);
    expect(events.find(({ type }) => type === 'sotto.journey.changed')?.data).toMatchObject({
      journey: 'bank_balance',
      step: 'query-check',
    });
    expect(counts).toMatchObject({ calls: 1, events: 10, utterances: 3, customerUtterances: 1, unreadable: 0 });
  });

  it('a dialogue in which nobody spoke is an abandoned call', async () => {
    const { target } = await imported(
      'star',
      [place('none/dialogues.jsonl', `${star(1, [], { CompletionLevel: 'EarlyDisconnectDuringDialogue' })}\n`)],
      'none.jsonl',
    );
    const events = readEvents(target);
    expect(events.map(({ type }) => type)).toEqual(['sotto.call.offered', 'sotto.call.ended']);
    expect(events[1]?.data).toEqual({ reason: 'abandoned' });
  });

  it('hears each utterance half-way where partials are asked for', async () => {
    const { target } = await imported('star', [place('half/dialogues.jsonl', BANK)], 'half.jsonl', '--partials');
    const events = readEvents(target);
    holdsForCalls(events);
    const partials = events.filter(({ type }) => type === 'sotto.utterance.partial');
    expect(partials).toHaveLength(3);
    expect(partials[0]?.data).toMatchObject({ text: 'What is', speaker: 'customer' });
  });

  it('names lines it cannot read, takes the others, and exits 1', async () => {
    const { code, err, counts } = await imported('star', [place('bad/dialogues.jsonl', `${BANK}\n{"half":\n[]\n${BANK}\n`)], 'bad.jsonl');
    expect(code).toBe(1);
    expect(err).toMatch(/dialogues\.jsonl:2 is no JSON/);
    expect(err).toMatch(/dialogues\.jsonl:3 is no STAR dialogue/);
    expect(counts).toMatchObject({ calls: 2, unreadable: 2 });
  });

  it('the same dialogue in several files or folders, or twice in one, is distinct calls', async () => {
    const files = [
      place('many/a.jsonl', `${BANK}\n${BANK}\n`),
      place('many/b.jsonl.gz', gzipSync(`${BANK}\n`)),
      place('more/a.jsonl', BANK),
    ];
    const { target, counts } = await imported('star', [path.dirname(files[0] ?? ''), path.dirname(files[2] ?? '')], 'many.jsonl.gz');
    expect(counts).toMatchObject({ files: 3, calls: 4 });
    expect(holdsForCalls(readEvents(target))).toBe(4);
  });
});

describe('importing MultiDoGO', () => {
  it('reads quoted turns over several lines, orders turns, takes agents where they are recorded', async () => {
    const plain = `${HEADING}c1\t2.0\tu2\t"two ""words""\nand a line"\tO\tx\nc1\t0.0\tu0\thi\tO\tx\nc2\t1\tu1\t\tO\tx\n`;
    place('dogo/airline/train.tsv', plain);
    place(
      'dogo/media/dev.tsv',
      'conversationId\tturnNumber\tutteranceId\tutterance\tauthorRole\nc1\t0\tu\tHello, how can I help?\tagent\nc1\t1\tu\tmy bill\tcustomer\n',
    );
    const { code, target, counts } = await imported('multidogo', [path.join(folder, 'dogo')], 'dogo.jsonl');
    expect(code).toBe(0);
    expect(counts).toMatchObject({ files: 2, calls: 3, utterances: 5, customerUtterances: 4 });
    const events = readEvents(target);
    expect(holdsForCalls(events)).toBe(3);
    const said = events.flatMap((event) => (event.type === 'sotto.utterance.final' ? [`${event.data.speaker}: ${event.data.text}`] : []));
    expect(said).toEqual([
      'customer: hi',
      'customer: two "words"\nand a line',
      'customer: ',
      'agent: Hello, how can I help?',
      'customer: my bill',
    ]);
  });

  it('names the file whose columns are wrong', async () => {
    const { code, err } = await imported('multidogo', [place('wrong/x/train.tsv', 'a\tb\n1\t2\n')], 'wrong.jsonl');
    expect(code).toBe(1);
    expect(err).toContain('train.tsv:1 has no column "conversationId"');
  });

  it('says what to do where there is nothing to read', async () => {
    mkdirSync(path.join(folder, 'empty'), { recursive: true });
    const { code, err } = await imported('multidogo', [path.join(folder, 'empty')], 'x.jsonl');
    expect(code).toBe(2);
    expect(err).toContain('there is no .tsv file below');
  });
});
