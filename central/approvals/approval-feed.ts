/**
 * What became of approvals, at whichever node and by whatever: read from the log that the tables write themselves, from where this node
 * is in it, and handed on once.
 */
import { type RawBuilder, sql } from 'kysely';
import { OnceMore } from '../once-more.ts';
import { inLogOrder, isAfter, type LogPlace, placeNow } from '../store/log-place.ts';
import type { Query } from '../store/open-store.ts';
import { type SeenApproval, seenApprovals } from './seen-approvals.ts';

const PAGE = 500;
const MOST_TOLD = 10_000;

export class ApprovalFeed {
  readonly #db: Query;
  readonly #changed: (seen: readonly SeenApproval[]) => void;
  readonly #failed: (error: unknown) => void;
  /** How each stood when it was told last, the latest last. */
  readonly #told = new Map<string, string>();
  readonly #reading = new OnceMore(() => this.#read());
  #place: LogPlace | null = null;

  constructor(db: Query, changed: (seen: readonly SeenApproval[]) => void, failed: (error: unknown) => void) {
    this.#db = db;
    this.#changed = changed;
    this.#failed = failed;
  }

  /** These were changed here: read at once, whatever else is still being written. Nothing waits for it, and the log says it again. */
  changedHere(only: RawBuilder<unknown>): void {
    seenApprovals(this.#db, only)
      .then((seen) => this.#tell(seen))
      .catch((error: unknown) => this.#failed(error));
  }

  /** Rejects when the tables cannot be read. */
  look(): Promise<void> {
    return this.#reading.run();
  }

  async #read(): Promise<void> {
    this.#place ??= await placeNow(this.#db);
    for (;;) {
      const { rows } = await sql<{ tx: string; pos: number; approval_id: string }>`
        select tx::text as tx, pos, approval_id from approval_events
        where ${isAfter(this.#place)} order by ${inLogOrder('approval_events')} limit ${PAGE}`.execute(this.#db);
      const ids = [...new Set(rows.map(({ approval_id }) => approval_id))];
      if (ids.length > 0) this.#tell(await seenApprovals(this.#db, sql`q.approval_id = any(${ids}::text[])`));
      const last = rows.at(-1);
      if (last !== undefined) this.#place = { tx: last.tx, pos: last.pos };
      if (rows.length < PAGE) return;
    }
  }

  /** Each as it stands once. */
  #tell(all: readonly SeenApproval[]): void {
    const news = all.filter((seen) => {
      const { approval_id: id, state, level, assignee, deadline_at_ms: deadlineAtMs, question } = seen;
      const standing = JSON.stringify([state, level, assignee, deadlineAtMs, question]);
      if (this.#told.get(id) === standing) return false;
      this.#told.delete(id);
      this.#told.set(id, standing);
      return true;
    });
    for (const id of this.#told.keys()) {
      if (this.#told.size <= MOST_TOLD) break;
      this.#told.delete(id);
    }
    if (news.length > 0) this.#changed(news);
  }
}
