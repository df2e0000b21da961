/**
 * The same requests give the same bytes wherever they are decided: every time zone, every locale, every order of members;
 * and what was decided in one place is decided again in another, in a process of its own.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { readPolicy } from '#main/cli/read-policy.ts';
import { counts } from '#test/fault/counts.ts';
import { report } from '#test/fault/report.ts';
import { asLines, generatedRequests, shuffled } from '#test/cli/generated-requests.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SOTTO = path.join(ROOT, 'main', 'cli', 'sotto.ts');
const DEMO = path.join(ROOT, 'central', 'demo');
const DECISIONS = counts(100, 20_000);
const CANARY_DECISIONS = 50;
const ZONES = ['UTC', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia'];
/** Turkish has its own lower case, Arabic its own digits, German its own decimal sign. */
const LOCALES = ['tr_TR.UTF-8', 'ar_EG.UTF-8', 'de_DE.UTF-8'];
const PLACES = ZONES.flatMap((zone) => LOCALES.map((locale) => ({ zone, locale })));

type Place = (typeof PLACES)[number];

const run = promisify(execFile);
const env = ({ zone, locale }: Place): NodeJS.ProcessEnv => ({ ...process.env, TZ: zone, LANG: locale, LC_ALL: locale });
const withDemo = ['--policy', path.join(DEMO, 'policy'), '--models', path.join(DEMO, 'models')] as const;
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

let folder: string;
let revision: CheckedRevision;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-one-result-'));
  const policy = await readPolicy(path.join(DEMO, 'policy'));
  if (!policy.ok) throw new Error(policy.faults.join('\n'));
  ({ revision } = policy);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The records of requests decided in one place, each with its members in another order there. */
async function decidedAt(place: Place, decisions: number, more: NodeJS.ProcessEnv = {}): Promise<string> {
  const number = PLACES.indexOf(place);
  const requests = generatedRequests(revision, decisions, 99);
  const file = path.join(folder, `${number}.jsonl`);
  writeFileSync(file, asLines(requests.map((request, index) => (number === 0 ? request : shuffled(request, number * decisions + index)))));
  const args = ['decide', ...withDemo, '--requests', file];
  const { stdout } = await run(process.execPath, [SOTTO, ...args], { env: { ...env(place), ...more }, maxBuffer: 2 ** 30 });
  rmSync(file);
  return stdout;
}

/** What a process there says of a time and a number. */
const told = async (place: Place): Promise<string> => {
  const script = 'new Date(0).toString() + (1234.5).toLocaleString()';
  return (await run(process.execPath, ['-p', script], { env: env(place) })).stdout;
};

describe('one result', () => {
  it('the places are really different ones', async () => {
    expect(new Set(await Promise.all(PLACES.map(told))).size).toBe(PLACES.length);
  });

  it(
    `[A1 A2] ${DECISIONS} decisions are the same bytes in ${PLACES.length} places, each with the members in another order, and are decided again byte for byte`,
    async () => {
      const results = new Map<string, string[]>();
      let records = '';
      for (const place of PLACES) {
        records = await decidedAt(place, DECISIONS);
        expect(records.split('\n')).toHaveLength(DECISIONS + 1);
        const hash = hashOf(records);
        results.set(hash, [...(results.get(hash) ?? []), `${place.zone} ${place.locale}`]);
      }
      expect(records.match(/"kind":"show"/g)?.length ?? 0).toBeGreaterThan(DECISIONS / 20);
      expect([...results.values()]).toEqual([PLACES.map(({ zone, locale }) => `${zone} ${locale}`)]);

      const file = path.join(folder, 'records.jsonl');
      writeFileSync(file, records);
      const [elsewhere] = PLACES as [Place];
      const { stdout } = await run(process.execPath, [SOTTO, 'replay', file, ...withDemo, '--json'], { env: env(elsewhere) });
      const { replayed, different } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}') as { replayed: number; different: number };
      const operations = DECISIONS * PLACES.length + replayed;
      report(
        '[A1 A2] one result',
        { operations, faults: PLACES.length, lost: DECISIONS - replayed, doubled: 0, phantom: different },
        { faults: PLACES.length },
      );
    },
    30 * 60_000,
  );

  it('[A2] canary: words compared by the rules of the machine’s own language decide otherwise in Turkish, and this suite sees it', async () => {
    const script = 'String.prototype.toLowerCase=function(){return this.toLocaleLowerCase()}';
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(script)}`;
    const [turkish, , german] = PLACES as [Place, Place, Place];
    const results = [];
    for (const place of [turkish, german]) results.push(hashOf(await decidedAt(place, CANARY_DECISIONS, { NODE_OPTIONS })));
    expect(new Set(results).size).toBe(2);
  });
});
