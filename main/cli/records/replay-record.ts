/** One record taken again and held against itself, byte for byte. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DecisionRecord } from '#contract/decision-record.ts';
import { Sha256 } from '#contract/text.ts';
import type { NamedManifest } from '#core';
import type { CoreShelf } from '../core/core-shelf.ts';
import { differingMembers, differingReason } from './differing-members.ts';
import type { Sources } from './sources.ts';

/** What is not as it was. `record`: a member of it; `hash`: its bytes, though it can be taken again; `erased`: it should not be there; the rest: what it names. */
export type DifferingPart = 'record' | 'hash' | 'erased' | 'policy' | 'model' | 'core';

export type Replayed =
  | { readonly same: true; readonly id: string }
  | {
      readonly same: false;
      /** Null where it could not be read. */
      readonly id: string | null;
      readonly part: DifferingPart;
      /** Paths of members that differ, never their values. */
      readonly members: readonly string[];
      readonly words: string;
    };

const ERASED = 'it was erased with the data of its customer, so it is not taken again. Delete this copy too';

/** All that is asked of a record of whatever core before its own core reads it. */
const Head = z.looseObject({ id: z.string(), core: Sha256, policy: Sha256, models: z.array(Sha256), reasons: z.string() });

const different = (id: string | null, part: DifferingPart, words: string, members: readonly string[] = []): Replayed => ({
  same: false,
  id,
  part,
  members,
  words,
});

export interface RecordReplayOptions {
  readonly cores: CoreShelf;
  readonly sources: Sources;
  /** Today's core: its records are held against today's schema first, which names what is wrong more exactly. */
  readonly presentCore: string;
  /** Models were given: those that records name must be among them, needed or not. */
  readonly checkModels: boolean;
  /** The record as it was stored; null where it is not known. */
  readonly stored: (id: string) => string | null;
  /** Whether it was erased with the data of its customer. */
  readonly isErased: (id: string) => boolean;
}

export class RecordReplay {
  readonly #o: RecordReplayOptions;

  constructor(options: RecordReplayOptions) {
    this.#o = options;
  }

  /** `text` is null where the bytes were no UTF-8. `wantedHash` is what the record's SHA-256 is known to be. */
  async replay(text: string | null, wantedHash: string | null): Promise<Replayed> {
    let record: unknown;
    try {
      record = text === null ? undefined : JSON.parse(text);
    } catch {
      record = undefined;
    }
    if (text === null || record === undefined) return different(null, 'record', text === null ? 'it is no UTF-8' : 'it is no JSON');
    const head = Head.safeParse(record);
    if (!head.success) {
      const path = head.error.issues[0]?.path.join('.') ?? '';
      return different(null, 'record', `its ${path === '' ? 'form' : path} is none of a record`, path === '' ? [] : [path]);
    }
    const { id, core: coreHash, policy, models } = head.data;
    if (this.#o.isErased(id)) return different(id, 'erased', ERASED);
    const stored = this.#o.stored(id);
    if (stored !== null && stored !== text) {
      const members = differingMembers(JSON.parse(stored), record);
      return different(
        id,
        'record',
        `it is not the one that was stored: ${members.join(', ') || 'white space or the order of members'}`,
        members,
      );
    }
    if (coreHash === this.#o.presentCore) {
      const issue = DecisionRecord.safeParse(record).error?.issues[0];
      if (issue !== undefined) {
        const path = [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])].join('.');
        return different(id, 'record', `${path === '' ? 'its form' : path} is none of a record`, path === '' ? [] : [path]);
      }
    }
    const core = await this.#o.cores.core(coreHash);
    if (typeof core === 'string') return different(id, 'core', core, ['core']);
    const revision = await this.#o.sources.revision(policy, coreHash !== this.#o.presentCore);
    if (!revision.ok) return different(id, 'policy', revision.words, ['policy']);
    const found: NamedManifest[] = [];
    for (const hash of core.needsModels || this.#o.checkModels ? models : []) {
      const model = await this.#o.sources.model(hash);
      if (!model.ok) return different(id, 'model', model.words, ['models']);
      found.push(model.value);
    }
    let again: string;
    try {
      again = core.again(revision.value, record, found);
    } catch (error) {
      return different(id, 'record', `it cannot be decided again: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (again !== text) {
      const taken = JSON.parse(again) as { readonly reasons?: unknown };
      const members = differingMembers(record, taken);
      const reason = differingReason(
        head.data.reasons,
        taken.reasons,
        revision.value.actions.map((action) => action.id),
      );
      const what =
        members.length === 0
          ? 'it is not written canonically: white space, the order of members or how a number is written'
          : members.join(', ');
      return different(id, 'record', reason === null ? what : `${what} (${reason})`, members);
    }
    if (wantedHash !== null && createHash('sha256').update(text).digest('hex') !== wantedHash)
      return different(
        id,
        'hash',
        'it can be decided again, but its SHA-256 is not the one in the list: something it only carries along was changed, or what it was decided from',
      );
    return { same: true, id };
  }
}
