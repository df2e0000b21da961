/** The texts and labels of a table, or what is wrong with them. */
import type { Table } from '../separated-rows.ts';
import type { TrainingFault } from '../training-fault.ts';

/** The label of texts that belong to none of the others. */
export const OUT_OF_SCOPE = 'oos';

export interface LabelledTexts {
  readonly texts: readonly string[];
  /** Index into `labels`; null = out of scope. */
  readonly truths: readonly (number | null)[];
  /** In order; without the one for out of scope. */
  readonly labels: readonly string[];
  /** What is odd and was borne. */
  readonly notices: readonly string[];
}

const MOST_LABELS = 1_000;
const LEAST_ROWS = 20;
/** From this share of texts on that hold their own label, the label is in the text rather than told by it. */
const LEAK_SHARE = 0.8;
/** What writers of tables put where there is no value. */
const NO_VALUE = new Set(['', 'nan', 'null', 'none', 'n/a', '#n/a']);
const SHOWN = 5;

export const isNoValue = (cell: string): boolean => NO_VALUE.has(cell.trim().toLowerCase());

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const refuse = (code: TrainingFault['code'], detail: string) => ({ ok: false as const, faults: [{ code, detail }] });

/** Columns are there: the caller has looked. */
export const readLabels = (
  table: Table,
  columns: { readonly text: string; readonly label: string },
): { readonly ok: true; readonly data: LabelledTexts } | { readonly ok: false; readonly faults: readonly TrainingFault[] } => {
  if (columns.text === columns.label) return refuse('bad-value', `column "${columns.text}" cannot be both the text and its label`);
  const textAt = table.columns.indexOf(columns.text);
  const labelAt = table.columns.indexOf(columns.label);
  const notices: string[] = [];
  const texts: string[] = [];
  const cells: string[] = [];
  let without = 0;
  for (const { fields } of table.rows) {
    const label = (fields[labelAt] ?? '').trim();
    if (isNoValue(label)) {
      without += 1;
      continue;
    }
    texts.push(fields[textAt] ?? '');
    cells.push(label);
  }
  const rows = cells.length;
  if (table.rows.length === 0) return refuse('no-rows', 'the table has columns and no rows');
  if (without > table.rows.length / 2)
    return refuse(
      'bad-value',
      `${without} of ${table.rows.length} rows have nothing in the label column "${columns.label}"; is it the right one?`,
    );
  if (without > 0) notices.push(`${without} rows without a label are left out`);
  if (rows < LEAST_ROWS) return refuse('too-few-rows', `${rows} labelled rows; at least ${LEAST_ROWS} are needed`);

  const counts = new Map<string, number>();
  for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  const labels = [...counts.keys()].filter((label) => label !== OUT_OF_SCOPE).toSorted();
  if (labels.length < 2)
    return refuse(
      'one-class',
      labels.length === 0
        ? `column "${columns.label}" has no label but "${OUT_OF_SCOPE}"; at least two others are needed`
        : `column "${columns.label}" has only the label "${labels.join('')}"; at least two are needed`,
    );
  if (labels.length > MOST_LABELS || labels.length > rows / 2)
    return refuse(
      'too-many-values',
      `column "${columns.label}" has ${labels.length} different labels in ${rows} rows (${labels
        .slice(0, 3)
        .map((label) => `"${label.slice(0, 30)}"`)
        .join(', ')} …); is it the label?`,
    );
  const single = labels.filter((label) => counts.get(label) === 1);
  if (single.length > 0)
    notices.push(
      `${single.length} labels have one row and can hardly be learnt: ${single.slice(0, SHOWN).join(', ')}${single.length > SHOWN ? ' …' : ''}`,
    );

  const different = new Set(texts.map(plain));
  different.delete('');
  if (different.size < 2)
    return refuse('bad-value', `column "${columns.text}" holds the same text in every row; nothing can be learnt from it`);
  const empty = texts.filter((text) => plain(text) === '').length;
  if (empty > rows / 2)
    return refuse('bad-value', `${empty} of ${rows} rows have no words in the text column "${columns.text}"; is it the right one?`);
  if (empty > 0) notices.push(`${empty} rows have no words in their text`);
  const numbers = texts.filter((text) => text.trim() !== '' && Number.isFinite(Number(text))).length;
  if (numbers > rows * LEAK_SHARE) notices.push(`most cells of column "${columns.text}" are numbers; is it the text?`);

  const told = cells.filter((label, at) => label !== OUT_OF_SCOPE && ` ${plain(texts[at] ?? '')} `.includes(` ${plain(label)} `)).length;
  if (told > rows * LEAK_SHARE)
    notices.push(
      `label leakage: ${told} of ${rows} texts hold their own label's words; if they were written after the label, figures mean nothing for texts to come`,
    );
  const place = new Map(labels.map((label, at) => [label, at]));
  return {
    ok: true,
    data: { texts, truths: cells.map((cell) => place.get(cell) ?? null), labels, notices },
  };
};
