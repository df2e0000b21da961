/** [A7] Where an answer's entry in the ledger, its body or its place in the outbox cannot be written, the answer was never given. */
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { SharedBench } from '../engine/shared-bench.ts';
import { report } from './report.ts';
import { StatementWatch } from './statement-watch.ts';

const FAULTS = 200;
const CANARY_FAULTS = 5;
/** What is written of an answer beside the answer itself. */
const WRITES = [/^\s*insert into ledger \(/i, /^\s*insert into ledger_body \(/i, /^\s*insert into outbox \(/i] as const;
const CODES = ['SQLITE_FULL', 'SQLITE_CONSTRAINT_TRIGGER'] as const;

interface Seen {
  readonly operations: number;
  readonly faults: number;
  readonly lost: number;
  readonly doubled: number;
  /** Answers that are there though their record is not. */
  readonly phantom: number;
}

const isAccepted = (kind: string): boolean => kind.startsWith('accepted');

async function answers(faults: number, isWithoutTransactions = false): Promise<Seen> {
  const seen = { operations: 0, faults: 0, lost: 0, doubled: 0, phantom: 0 };
  await using benches = new SharedBench(() => ({}), 'The disk is full');
  for (let number = 0; number < faults; number++) {
    const { desk, sequence } = await benches.next();
    const callId = `call-${sequence}`;
    await desk.begin(callId, `customer-${sequence}`);
    const [card] = (await desk.view()).cards;
    if (card === undefined) throw new Error('no card to answer');
    const unsent = desk.store.counts().unsent;
    const write = WRITES[number % WRITES.length] ?? /./;
    let struck = 0;
    const before = (sql: string): void => {
      if (!write.test(sql)) return;
      struck += 1;
      throw Reflect.construct(Database.SqliteError, ['as a test wants it', CODES[number % CODES.length]]);
    };
    let isSaved: boolean;
    {
      using _ = new StatementWatch({ before, isWithoutTransactions });
      isSaved = await desk.answer(card).then(
        ({ saved }) => saved,
        () => false,
      );
    }
    seen.operations += 1;
    if (struck > 0) seen.faults += 1;
    const { cards } = await desk.view();
    const isThere =
      isSaved ||
      desk.kinds(callId).some(isAccepted) ||
      desk.store.counts().unsent !== unsent ||
      cards.some(({ actionId, state }) => actionId === card.actionId && state === 'accepted');
    if (isThere) seen.phantom += 1;
    if (isWithoutTransactions) continue;
    // The agent, told that it was not saved, answers again.
    if (!(await desk.answer(card)).saved) seen.lost += 1;
    if (desk.kinds(callId).filter(isAccepted).length !== 1) seen.doubled += 1;
    await desk.say(callId, 'sotto.call.ended', { reason: 'customer-hung-up' });
  }
  return seen;
}

test(`[A7] ${FAULTS} answers whose record could not be written: none was taken, none is at the desk, and each could be given again`, {
  timeout: 300_000,
}, async () => {
  report('[A7] no record, no action', await answers(FAULTS), { faults: FAULTS });
});

test('[A7] canary: without the transaction the answer is there and its record is not, and this suite sees it', async () => {
  const seen = await answers(CANARY_FAULTS, true);
  expect(seen.phantom).toBeGreaterThan(0);
});
