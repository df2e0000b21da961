/** What somebody could do to an exported ledger, seven kinds in many forms, each with the record it is to be named by. */
import { createHash } from 'node:crypto';
import type { LedgerFirstLine, LedgerLine } from '#contract/ledger.ts';
import type { LedgerText } from './filled-ledger.ts';

export const KINDS = ['edit', 'delete', 'insert', 'swap', 'truncate', 'fork', 'rollback'] as const;
export type Kind = (typeof KINDS)[number];

export interface Attack {
  readonly kind: Kind;
  /** For a message. */
  readonly form: string;
  readonly text: string;
  /** The first record that is not as it was; 0 is the first line. */
  readonly record: number;
  /** Every hash from there on was made anew, so that the file does not contradict itself there. */
  readonly isResealed: boolean;
}

/** 0 inclusive to `below` exclusive. */
export type Pick = (below: number) => number;

const sha256 = (...parts: readonly (string | Buffer)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};
const commitmentOf = (salt: string, body: string): string => sha256(Buffer.from(salt, 'hex'), body);
const textOf = (first: LedgerFirstLine, lines: readonly LedgerLine[]): string =>
  `${[first, ...lines].map((line) => JSON.stringify(line)).join('\n')}\n`;
const renumbered = (lines: readonly LedgerLine[]): readonly LedgerLine[] => lines.map((line, index) => ({ ...line, pos: index + 1 }));
const flipped = (hex: string, at: number): string => `${hex.slice(0, at)}${hex[at] === '0' ? '1' : '0'}${hex.slice(at + 1)}`;

function line(lines: readonly LedgerLine[], record: number): LedgerLine {
  const found = lines[record - 1];
  if (found === undefined) throw new Error(`no record ${record}`);
  return found;
}

/** A digit or a letter of a body becomes another. */
function otherBody(body: string, pick: Pick): string {
  const places = [...body.matchAll(/[a-z0-9]/g)].map(({ index }) => index);
  const at = places[pick(places.length)] ?? 0;
  return `${body.slice(0, at)}${body[at] === '7' ? '8' : '7'}${body.slice(at + 1)}`;
}

/** Hashes of the records `from` to `to` made anew, and their commitments with them. */
function resealed(lines: readonly LedgerLine[], from: number, to: number): readonly LedgerLine[] {
  const sealed = [...lines];
  for (let record = from; record <= to; record++) {
    const before = record === 1 ? '0'.repeat(64) : line(sealed, record - 1).hash;
    const { kind, id, salt, body } = line(sealed, record);
    const commitment = body === null || salt === null ? line(sealed, record).commitment : commitmentOf(salt, body);
    sealed[record - 1] = { ...line(sealed, record), commitment, hash: sha256(`${before}\n${kind}\n${id}\n${commitment}`) };
  }
  return sealed;
}

type Changed = (changed: LedgerLine) => LedgerLine | string;

function edit({ first, lines }: LedgerText, pick: Pick): Attack {
  const record = pick(lines.length + 1);
  if (record === 0) {
    const other = pick(2) === 0 ? { ...first, head: flipped(first.head, pick(64)) } : { ...first, entries: first.entries + 1 };
    const isHead = other.entries === first.entries;
    // More entries than there are is a record that is missing.
    return { kind: 'edit', form: 'first line', text: textOf(other, lines), record: isHead ? 0 : lines.length + 1, isResealed: false };
  }
  const forms: Readonly<Record<string, Changed>> = {
    body: (one) => ({ ...one, body: otherBody(one.body ?? '', pick) }),
    'body and commitment': (one) => {
      const body = otherBody(one.body ?? '', pick);
      return { ...one, body, commitment: commitmentOf(one.salt ?? '', body) };
    },
    salt: (one) => ({ ...one, salt: one.salt === '' ? 'a'.repeat(64) : flipped(one.salt ?? '', pick(64)) }),
    kind: (one) => ({ ...one, kind: one.kind === 'repeat' ? 'outcome' : 'repeat' }),
    id: (one) => ({ ...one, id: `${one.id}x` }),
    commitment: (one) => ({ ...one, commitment: flipped(one.commitment, pick(64)) }),
    hash: (one) => ({ ...one, hash: flipped(one.hash, pick(64)) }),
    number: (one) => ({ ...one, pos: one.pos + 1 + pick(5) }),
    'a key twice': (one) => JSON.stringify(one).replace('{', `{"body":${JSON.stringify(otherBody(one.body ?? '', pick))},`),
    'white space': (one) => ` ${JSON.stringify(one)}`,
    'one more member': (one) => JSON.stringify({ ...one, note: 1 }),
    'no JSON': () => 'x'.repeat(1 + pick(200)),
  };
  const names = Object.keys(forms);
  const form = names[pick(names.length)] ?? '';
  const all = textOf(first, lines).split('\n');
  const changed = forms[form]?.(line(lines, record)) ?? '';
  all[record] = typeof changed === 'string' ? changed : JSON.stringify(changed);
  return { kind: 'edit', form, text: all.join('\n'), record, isResealed: false };
}

function remove({ first, lines }: LedgerText, pick: Pick): Attack {
  const record = 1 + pick(lines.length);
  const left = lines.toSpliced(record - 1, 1 + pick(3));
  const form = pick(2) === 0 ? 'as it is' : 'renumbered';
  const fixed = pick(2) === 0 ? first : { ...first, entries: left.length, head: left.at(-1)?.hash ?? '0'.repeat(64) };
  return { kind: 'delete', form, text: textOf(fixed, form === 'renumbered' ? renumbered(left) : left), record, isResealed: false };
}

function insert({ first, lines }: LedgerText, pick: Pick): Attack {
  const record = 1 + pick(lines.length);
  const copied = line(lines, 1 + pick(lines.length));
  const body = otherBody(copied.body ?? '', pick);
  const invented = { ...copied, id: `${copied.id}x`, body, commitment: commitmentOf(copied.salt ?? '', body) };
  const form = pick(2) === 0 ? 'a copy' : 'invented';
  const put = { ...(form === 'a copy' ? copied : invented), pos: record };
  // A record put in where the very same one stood is only found by the next.
  const isSame = JSON.stringify(put) === JSON.stringify(line(lines, record));
  const all = lines.toSpliced(record - 1, 0, put);
  const text = textOf({ ...first, entries: first.entries + 1 }, pick(2) === 0 ? renumbered(all) : all);
  return { kind: 'insert', form, text, record: isSame ? record + 1 : record, isResealed: false };
}

function swap({ first, lines }: LedgerText, pick: Pick): Attack {
  const record = 1 + pick(lines.length - 1);
  const other = pick(2) === 0 ? record + 1 : record + 1 + pick(lines.length - record);
  const all = lines.with(record - 1, line(lines, other)).with(other - 1, line(lines, record));
  const form = pick(2) === 0 ? 'as it is' : 'renumbered';
  return { kind: 'swap', form, text: textOf(first, form === 'renumbered' ? renumbered(all) : all), record, isResealed: false };
}

function truncate({ first, lines }: LedgerText, pick: Pick): Attack {
  const kept = pick(lines.length);
  const left = lines.slice(0, kept);
  const fixed = { ...first, entries: kept, head: left.at(-1)?.hash ?? '0'.repeat(64) };
  const cut = JSON.stringify(line(lines, kept + 1));
  const forms: Readonly<Record<string, string>> = {
    'whole lines': textOf(first, left),
    'first line mended': textOf(fixed, left),
    'within a line': textOf(first, left) + cut.slice(0, 1 + pick(cut.length - 1)),
    'before a line end': textOf(first, left) + cut,
  };
  const names = Object.keys(forms);
  const form = names[pick(names.length)] ?? '';
  return { kind: 'truncate', form, text: forms[form] ?? '', record: kept + 1, isResealed: false };
}

function fork({ first, lines }: LedgerText, pick: Pick): Attack {
  const record = 1 + pick(lines.length);
  const body = otherBody(line(lines, record).body ?? '', pick);
  const changed = lines.with(record - 1, { ...line(lines, record), body });
  const form = ['to the end', 'and shorter', 'and longer', 'for a while'][pick(4)] ?? '';
  if (form === 'for a while' && record < lines.length) {
    // Whoever stops making hashes anew is found at the next record.
    const to = record + pick(lines.length - record);
    return { kind: 'fork', form, text: textOf(first, resealed(changed, record, to)), record, isResealed: true };
  }
  const length = form === 'and shorter' ? record + pick(lines.length - record + 1) : lines.length;
  const more = form === 'and longer' ? [{ ...line(lines, lines.length), id: 'one-more', pos: lines.length + 1 }] : [];
  const sealed = resealed([...changed.slice(0, length), ...more], record, length + more.length);
  const text = textOf({ ...first, entries: sealed.length, head: sealed.at(-1)?.hash ?? '' }, sealed);
  return { kind: 'fork', form, text, record, isResealed: true };
}

export function attack(kind: Kind, ledger: LedgerText, older: LedgerText, pick: Pick): Attack {
  switch (kind) {
    case 'edit':
      return edit(ledger, pick);
    case 'delete':
      return remove(ledger, pick);
    case 'insert':
      return insert(ledger, pick);
    case 'swap':
      return swap(ledger, pick);
    case 'truncate':
      return truncate(ledger, pick);
    case 'fork':
      return fork(ledger, pick);
    case 'rollback': {
      // The file as it was exported halfway, or as it would have been at any other time.
      const length = pick(2) === 0 ? older.lines.length : pick(ledger.lines.length);
      const lines = ledger.lines.slice(0, length);
      const first = { ...ledger.first, entries: length, head: lines.at(-1)?.hash ?? '0'.repeat(64) };
      const isReal = length === older.lines.length;
      return {
        kind,
        form: isReal ? 'a real one' : 'any',
        text: isReal ? textOf(older.first, older.lines) : textOf(first, lines),
        record: length + 1,
        isResealed: false,
      };
    }
  }
}
