/**
 * Recorded dialogues through the whole engine: nothing refused, nothing lost. By default every sixtieth call of both
 * sets, so that the suite keeps its time; SOTTO_REPLAY=all takes every one (some minutes).
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRecorded, RECORDED } from '#test/cli/recorded-data.ts';
import { runSotto } from '#test/cli/run-sotto.ts';

const EVERY = process.env['SOTTO_REPLAY'] === 'all' ? 1 : 60;
const LEAST_CALLS = { star: Math.floor(4_000 / EVERY), multidogo: Math.floor(11_000 / EVERY) };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-replay-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The lines of every n-th call of a file. */
const thinned = async (from: string, to: string): Promise<void> => {
  const out = createWriteStream(to);
  let calls = -1;
  for await (const line of createInterface({ input: createReadStream(from) })) {
    if (line.includes('"type":"sotto.call.offered"')) calls += 1;
    if (calls % EVERY === 0) out.write(`${line}\n`);
  }
  out.end();
  await once(out, 'finish');
};

describe.skipIf(!hasRecorded('star', 'multidogo'))('replaying the recorded sets', () => {
  it.each(['star', 'multidogo'] as const)(
    '%s: accepted + refused + duplicate = read per type, nothing refused, every utterance in some call’s state',
    async (set) => {
      const all = path.join(folder, `${set}.jsonl`);
      const some = path.join(folder, `${set}-some.jsonl`);
      const imported = await runSotto(['import-calls', '--from', set, '--in', path.join(RECORDED, set), '--out', all]);
      expect(imported.code, imported.err).toBe(0);
      await thinned(all, some);
      const { code, out, err } = await runSotto(['replay-calls', some, '--json', '--quiet']);
      expect(code, err).toBe(0);
      const summary = JSON.parse(out) as Record<string, number> & { byType: Record<string, Record<string, number>> };
      expect(summary['calls']).toBeGreaterThanOrEqual(LEAST_CALLS[set]);
      expect(summary).toMatchObject({ refused: 0, duplicate: 0, accepted: summary['events'], utterancesInState: summary['utterances'] });
      expect(summary['utterances']).toBeGreaterThan(5 * LEAST_CALLS[set]);
      for (const [type, { read = 0, accepted = 0, duplicate = 0, refused = 0 }] of Object.entries(summary.byType))
        expect(accepted + duplicate + refused, type).toBe(read);
      expect(summary['decisions']).toBeGreaterThan(0);
      expect(summary['shown']).toBeGreaterThan(0);
    },
    20 * 60_000,
  );
});
