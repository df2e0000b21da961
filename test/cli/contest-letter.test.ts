/** `sotto contest …` and `sotto overrides …` against a central: from the customer's words to a letter as text and as PDF that Chromium printed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ContestQueue, ContestReceipt } from '#contract/contest.ts';
import { OverrideQueue } from '#contract/override-review.ts';
import { scene } from '../central/approval-scene.ts';
import { pglite } from '../central/engines.ts';
import { batch, decision, item, outcome } from '../central/fixture.ts';
import { runSotto } from './run-sotto.ts';

test('a decision is contested, answered by another person, and the letter is written as text and printed as PDF', async () => {
  await using staged = await scene(await pglite.open(), null);
  const { opened, desk } = staged;
  const made = decision('call-1');
  const overridden = outcome({
    callId: 'call-1',
    decisionId: made.id,
    kind: 'overridden',
    actionId: 'explain-bill',
    chosenActionId: 'change-plan',
  });
  await desk.send(batch('dev-ann', [item(1, 'decision', made), item(2, 'outcome', overridden)], 'letter'));
  const folder = mkdtempSync(join(tmpdir(), 'sotto-letter-test-'));
  try {
    const sotto = (as: string, ...words: readonly string[]) => runSotto([...words, '--central', opened.central.url, '--as', as]);
    const words = 'This is not <b>what</b> I asked for & I want a person to look at it';
    const receipt = ContestReceipt.parse(JSON.parse((await sotto('ann', 'contest', 'open', made.id, '--words', words, '--json')).out));
    const list = ContestQueue.parse(JSON.parse((await sotto('sup', 'contest', 'list', '--json')).out));
    expect(list.items).toMatchObject([{ contestId: receipt.contestId, isMine: true }]);
    const [text, pdf] = [join(folder, 'letter.txt'), join(folder, 'letter.pdf')];
    const letter = (file: string, ...more: readonly string[]) =>
      sotto('sup', 'contest', 'letter', receipt.contestId, '--out', file, ...more);
    expect(await letter(text)).toMatchObject({ code: 1, err: expect.stringContaining('not-over-yet') });
    const answer = (as: string, ...more: readonly string[]) =>
      sotto(as, 'contest', 'answer', receipt.contestId, '--reasons', 'The old address was read', ...more);
    expect(await answer('sup')).toMatchObject({ code: 2 });
    expect(await answer('sup', '--set-aside')).toMatchObject({ code: 2 });
    expect(await answer('ann', '--stands')).toMatchObject({ code: 1 });
    expect(await answer('sup', '--stands')).toMatchObject({ code: 0, out: expect.stringContaining('answered') });
    expect(await letter(text)).toMatchObject({ code: 0 });
    expect(readFileSync(text, 'utf8')).toContain(words);
    expect(await letter(text)).toMatchObject({ code: 1, err: expect.stringContaining('not written') });
    const printed = await letter(pdf, '--form', 'pdf', '--json');
    expect(printed).toMatchObject({ code: 0 });
    const bytes = readFileSync(pdf);
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(bytes.subarray(-1_024).toString('latin1')).toContain('%%EOF');
    // With a font in it: words, not a picture and not an empty page.
    expect(bytes.toString('latin1')).toMatch(/\/Type\s*\/Font/);
    expect(JSON.parse(printed.out)).toEqual({ bytes: bytes.length, form: 'pdf' });
    const queue = OverrideQueue.parse(JSON.parse((await sotto('sup', 'overrides', 'queue', '--json')).out));
    expect(queue.groups).toMatchObject([{ actionId: 'explain-bill', cases: 1 }]);
    expect(await sotto('coun', 'overrides', 'items')).toMatchObject({ code: 0, out: expect.stringContaining('there are none') });
    expect(await sotto('coun', 'overrides', 'figures', '--by', 'team')).toMatchObject({
      code: 0,
      out: expect.stringContaining('not enough data'),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
