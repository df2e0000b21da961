/** What central had learnt, as it came, and what this device answered since. */
import { LearntBundle } from '#contract/learning.ts';
import { Outcome } from '#contract/outcome.ts';
import { ABANDONED_DAYS, RETENTION_DAYS } from '#contract/retention.ts';
import type { KeptBase, Written } from '#ports/store.ts';
import type { Statement } from 'better-sqlite3';
import type { AnchoredConnection } from './anchored-connection.ts';
import { parseStored, readStored } from './read-stored.ts';

const DAY_MS = 86_400_000;
/** Calls under way may be on the base before the last. */
const KEPT_STATES = 3;
/** Records name a base as long as they are kept; a call may be under way for days before its record begins to age. */
const MANIFEST_MS = (RETENTION_DAYS.record + 2 * ABANDONED_DAYS) * DAY_MS;

interface Row {
  readonly hash: string;
  readonly covers: number;
  readonly manifest: string;
  readonly signed: string | null;
  readonly state: string | null;
}

const COLUMNS = 'select hash, covers, manifest, signed, state from learnt';
const WITH_STATE = 'from learnt where state is not null order by installed_at_ms desc, hash';

export class LearntBases {
  readonly #connection: AnchoredConnection;
  readonly #of: Statement<[string], Row>;
  readonly #last: Statement<[], Row>;
  readonly #save: Statement<[string, number, number, string, string | null, string | null], unknown>;
  readonly #dropStates: Statement<[number], unknown>;
  readonly #drop: Statement<[number], unknown>;
  readonly #answersSince: Statement<[number], { readonly body: string }>;
  readonly #clockOf: Statement<[string], { readonly clock: number }>;

  constructor(connection: AnchoredConnection) {
    this.#connection = connection;
    const db = connection.statements;
    this.#of = db.prepare(`${COLUMNS} where hash = ?`);
    this.#last = db.prepare(`select hash, covers, manifest, signed, state ${WITH_STATE} limit 1`);
    this.#save = db.prepare(`
      insert into learnt (hash, covers, installed_at_ms, manifest, signed, state) values (?, ?, ?, ?, ?, ?)
      on conflict (hash) do update set covers = excluded.covers, installed_at_ms = excluded.installed_at_ms, state = excluded.state`);
    this.#dropStates = db.prepare(
      `update learnt set state = null where state is not null and hash not in (select hash ${WITH_STATE} limit ?)`,
    );
    this.#drop = db.prepare('delete from learnt where installed_at_ms < ? and state is null');
    this.#answersSince = db.prepare(`
      select unseal(secret, outcome.body) as body
      from ledger join outcome on outcome.id = ledger.id join call_secret on call_secret.call_id = outcome.call_id
      where ledger.kind = 'outcome' and ledger.clock > ? order by ledger.clock`);
    this.#clockOf = db.prepare("select clock from ledger where id = ? and kind = 'outcome'");
  }

  of(hash: string): KeptBase | null {
    return keptBase(this.#of.get(hash));
  }

  last(): KeptBase | null {
    return keptBase(this.#last.get());
  }

  install({ bundle: { hash, manifest, state, signed }, covers }: KeptBase, atMs: number): Written {
    return this.#connection.writeFreeing(() => {
      this.#save.run(hash, covers, atMs, JSON.stringify(manifest), json(signed), json(state));
      this.#dropStates.run(KEPT_STATES);
      this.#drop.run(atMs - MANIFEST_MS);
    });
  }

  answersSince(clock: number): readonly Outcome[] {
    return this.#answersSince.all(clock).flatMap(({ body }) => {
      const outcome = readStored(Outcome, 'outcome', body);
      return isAnswering(outcome) ? [outcome] : [];
    });
  }

  clockOf(outcomeId: string): number | null {
    return this.#clockOf.get(outcomeId)?.clock ?? null;
  }
}

/** How a prompt is answered, and how an answer is taken back. */
function isAnswering({ kind }: Outcome): boolean {
  return kind === 'accepted' || kind === 'rejected' || kind === 'overridden' || kind === 'expired' || kind === 'retracted';
}

function keptBase(row: Row | undefined): KeptBase | null {
  if (row === undefined) return null;
  const { hash, covers, manifest, signed, state } = row;
  const bundle = {
    hash,
    manifest: parseStored('base', manifest),
    state: state === null ? null : parseStored('base', state),
    ...(signed === null ? {} : { signed: parseStored('base', signed) }),
  };
  return { bundle: readStored(LearntBundle, 'base', JSON.stringify(bundle)), covers };
}

const json = (value: unknown): string | null => (value === undefined || value === null ? null : JSON.stringify(value));
