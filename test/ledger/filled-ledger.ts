/** A ledger as the real engine writes it into a real store, exported as the command does, and once halfway. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LedgerFirstLine, LedgerLine } from '#contract/ledger.ts';
import { writeLedger } from '#main/cli/ledger/write-ledger.ts';
import { runSotto } from '../cli/run-sotto.ts';
import { KEY, Scratch } from '../conformance/sqlite-scratch.ts';
import { DeskBench } from '../engine/desk-bench.ts';

const SAID = [
  'I will look into that for you.',
  'Could you check it again, please?',
  'It was higher than last month.',
  'Right. One moment.',
];

export interface LedgerText {
  readonly first: LedgerFirstLine;
  readonly lines: readonly LedgerLine[];
}

export class FilledLedger implements Disposable {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'sotto-ledger-'));
  readonly file = path.join(this.folder, 'ledger.jsonl');
  readonly older = path.join(this.folder, 'older.jsonl');

  readonly #scratch = new Scratch();

  static async of(calls: number): Promise<FilledLedger> {
    const filled = new FilledLedger();
    await filled.#fill(calls);
    const printed = await filled.export(filled.file);
    const { first } = readLedger(filled.file);
    if (printed !== `${first.entries}:${first.head}`) throw new Error(`sotto ledger export printed ${printed}`);
    return filled;
  }

  /** By the command, from the closed store; what it printed. */
  async export(file: string): Promise<string> {
    const key = path.join(this.folder, 'key');
    writeFileSync(key, KEY);
    const { code, out, err } = await runSotto(['ledger', 'export', '--store', this.#scratch.folder, '--key', key, '--out', file]);
    if (code !== 0) throw new Error(err);
    return out.trim();
  }

  async #fill(calls: number): Promise<void> {
    await using desk = await DeskBench.open({ scratch: this.#scratch });
    for (let call = 0; call < calls; call++) {
      if (call === Math.ceil(calls / 2)) writeLedger(this.older, desk.store.exportLedger());
      const callId = `call-${call}`;
      await desk.begin(callId);
      const card = await desk.showCard(callId);
      await desk.answer(card, call % 3 === 0 ? 'rejected' : 'accepted');
      for (const text of SAID) {
        await desk.utter(callId, 'agent', text);
        await desk.advance(3_000);
      }
      await desk.say(callId, 'sotto.call.ended', { reason: 'customer-hung-up' });
      await desk.advance(120_000);
    }
  }

  [Symbol.dispose](): void {
    this.#scratch[Symbol.dispose]();
    rmSync(this.folder, { recursive: true });
  }
}

export function readLedger(file: string): LedgerText {
  const [first = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  return { first: LedgerFirstLine.parse(JSON.parse(first)), lines: lines.map((line) => LedgerLine.parse(JSON.parse(line))) };
}
