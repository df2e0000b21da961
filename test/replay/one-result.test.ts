/**
 * The same requests give the same bytes wherever they are decided: every time zone, every locale, every order of members.
 * 200 decisions each by default; SOTTO_FULL=1 takes 20,000.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPolicy } from '#main/cli/read-policy.ts';
import { asLines, generatedRequests, shuffled } from '#test/cli/generated-requests.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SOTTO = path.join(ROOT, 'main', 'cli', 'sotto.ts');
const DEMO = path.join(ROOT, 'central', 'demo');
const DECISIONS = process.env['SOTTO_FULL'] === '1' ? 20_000 : 200;
const ZONES = ['UTC', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia'];
/** Turkish has its own lower case, Arabic its own digits, German its own decimal sign. */
const LOCALES = ['tr_TR.UTF-8', 'ar_EG.UTF-8', 'de_DE.UTF-8'];
const PLACES = ZONES.flatMap((zone) => LOCALES.map((locale) => ({ zone, locale })));

const run = promisify(execFile);
const env = ({ zone, locale }: (typeof PLACES)[number]): NodeJS.ProcessEnv => ({ ...process.env, TZ: zone, LANG: locale, LC_ALL: locale });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-one-result-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('one result', () => {
  it('the places are really different ones', async () => {
    const told = async (place: (typeof PLACES)[number]): Promise<string> => {
      const script = 'new Date(0).toString() + (1234.5).toLocaleString()';
      return (await run(process.execPath, ['-p', script], { env: env(place) })).stdout;
    };
    expect(new Set(await Promise.all(PLACES.map(told))).size).toBe(PLACES.length);
  });

  it(
    `${DECISIONS} decisions are the same bytes in ${PLACES.length} places, each with the members in another order`,
    async () => {
      const policy = await readPolicy(path.join(DEMO, 'policy'));
      if (!policy.ok) throw new Error(policy.faults.join('\n'));
      const requests = generatedRequests(policy.revision, DECISIONS, 99);
      const results = new Map<string, string[]>();
      for (const [number, place] of PLACES.entries()) {
        const file = path.join(folder, `${number}.jsonl`);
        writeFileSync(
          file,
          asLines(requests.map((request, index) => (number === 0 ? request : shuffled(request, number * DECISIONS + index)))),
        );
        const args = ['decide', '--policy', path.join(DEMO, 'policy'), '--models', path.join(DEMO, 'models'), '--requests', file];
        const { stdout } = await run(process.execPath, [SOTTO, ...args], { env: env(place), maxBuffer: 2 ** 30 });
        expect(stdout.split('\n')).toHaveLength(DECISIONS + 1);
        if (number === 0) expect(stdout.match(/"kind":"show"/g)?.length ?? 0).toBeGreaterThan(DECISIONS / 20);
        const hash = createHash('sha256').update(stdout).digest('hex');
        results.set(hash, [...(results.get(hash) ?? []), `${place.zone} ${place.locale}`]);
        rmSync(file);
      }
      expect([...results.values()]).toEqual([PLACES.map(({ zone, locale }) => `${zone} ${locale}`)]);
    },
    30 * 60_000,
  );
});
