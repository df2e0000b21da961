/** Both recorded sets, every dialogue: none is lost and all are valid calls. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdsForCalls, readEvents } from '#test/cli/call-files.ts';
import { hasRecorded, RECORDED } from '#test/cli/recorded-data.ts';
import { runSotto } from '#test/cli/run-sotto.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-import-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const imported = async (from: string, place: string, out: string) => {
  const target = path.join(folder, out);
  const ran = await runSotto(['import-calls', '--from', from, '--in', path.join(RECORDED, place), '--out', target, '--json']);
  expect(ran.code, ran.err).toBe(0);
  return { target, counts: JSON.parse(ran.out) as Record<string, number> };
};

interface StarEvent {
  readonly Agent: string;
  readonly Action: string;
}

describe.skipIf(!hasRecorded('star', 'multidogo'))('importing the recorded sets', () => {
  it('every STAR dialogue becomes a valid call, with every turn that was said', async () => {
    const { target, counts } = await imported('star', 'star', 'star.jsonl.gz');
    const dialogues = gunzipSync(readFileSync(path.join(RECORDED, 'star', 'dialogues.jsonl.gz')))
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { Events: StarEvent[] });
    const said = dialogues
      .flatMap(({ Events }) => Events)
      .filter(({ Agent, Action }) => Agent !== 'UserGuide' && (Action === 'utter' || Action === 'pick_suggestion'));
    expect(dialogues.length).toBeGreaterThan(4_000);
    expect(counts).toMatchObject({ calls: dialogues.length, unreadable: 0, utterances: said.length });
    expect(holdsForCalls(readEvents(target))).toBe(dialogues.length);
  });

  it('every MultiDoGO conversation becomes a valid call: the whole set, one domain or one file, the same bytes twice', async () => {
    const { target, counts } = await imported('multidogo', 'multidogo', 'multidogo.jsonl');
    expect(counts).toMatchObject({ files: 12, unreadable: 0 });
    expect(counts['calls']).toBeGreaterThan(11_000);
    expect(holdsForCalls(readEvents(target))).toBe(counts['calls']);
    const domain = await imported('multidogo', 'multidogo/airline', 'airline.jsonl');
    const file = await imported('multidogo', 'multidogo/airline/train.tsv', 'train.jsonl');
    expect(domain.counts['calls']).toBeGreaterThan(file.counts['calls'] ?? 0);
    const again = await imported('multidogo', 'multidogo/airline', 'again.jsonl');
    expect(Buffer.compare(readFileSync(domain.target), readFileSync(again.target))).toBe(0);
  });
});
