/** Records of one revision from a file, those that are none told by their line. */
import { DecisionRecord } from '#contract/decision-record.ts';
import { readCanonical } from '#core';
import { readByteLines } from '../byte-lines.ts';
import type { Terminal } from '../terminal.ts';

/** At most this many lines that cannot be used are named. */
const NAMED = 10;

export interface ReadRecords {
  readonly records: readonly DecisionRecord[];
  readonly refused: number;
}

/** `fault` says in words why a record cannot be used; null where it can. */
export const readRecords = async (
  file: string,
  policy: string,
  terminal: Terminal,
  fault: (record: DecisionRecord) => string | null = () => null,
): Promise<ReadRecords> => {
  const records: DecisionRecord[] = [];
  let refused = 0;
  for await (const { line, text } of readByteLines(file)) {
    const read = parseRecord(text);
    const why =
      typeof read === 'string'
        ? read
        : read.policy === policy
          ? fault(read)
          : `was taken under policy ${read.policy.slice(0, 12)}, not under this one (${policy.slice(0, 12)})`;
    if (typeof read !== 'string' && why === null) records.push(read);
    else if (++refused <= NAMED) terminal.note(`${file}:${line} ${why ?? ''}`);
    terminal.progress(`${records.length} records read`);
  }
  if (refused > 0) terminal.note(`${refused} of ${records.length + refused} lines could not be used`);
  if (records.length === 0) terminal.note(`${file} holds no record that can be used`);
  return { records, refused };
};

/** The record of a line (null: no text); else in words what is wrong with it. */
export const parseRecord = (text: string | null): DecisionRecord | string => {
  let raw: unknown;
  try {
    raw = text === null ? undefined : readCanonical(text);
  } catch {
    raw = undefined;
  }
  const parsed = DecisionRecord.safeParse(raw);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.join('.') ?? '';
  return path === '' ? 'is no record' : `${path} is none of a record`;
};
