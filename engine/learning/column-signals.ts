/**
 * How much each column alone tells of the outcome. What tells nearly everything was usually written down afterwards: a leak,
 * which makes every figure of a model worthless. Rates per value (numbers: per twentieth) from every second row, measured on
 * the others, so that a column of names tells nothing.
 */
import { columnGroups } from './column-groups.ts';
import { measureQuality } from './model-quality.ts';

/** From this AUC on a column, or a whole model, is suspected of knowing the outcome (the council's usual upper limit). */
export const LEAK_AUC = 0.9;

/** Rows looked at; a longer stream is thinned by taking every second, fourth … row. */
const MOST_ROWS = 20_000;
const PARTS = 20;
/** Responses' worth of the common rate that a value starts with. */
const DOUBT = 5;

export interface ColumnSignal {
  readonly column: string;
  /** Of this column alone; 0.5 = tells nothing. */
  readonly auc: number;
}

const aucAlone = (cells: readonly string[], outcomes: readonly boolean[]): number => {
  const into = columnGroups(cells, PARTS);
  const groups = cells.map((cell) => into.groupOf(cell));
  const known = new Map<number, { rows: number; positives: number }>();
  let positives = 0;
  let rows = 0;
  for (let row = 0; row < groups.length; row += 2) {
    const group = known.get(groups[row] as number) ?? { rows: 0, positives: 0 };
    group.rows += 1;
    rows += 1;
    if (outcomes[row] === true) {
      group.positives += 1;
      positives += 1;
    }
    known.set(groups[row] as number, group);
  }
  const rate = positives / rows;
  const said: number[] = [];
  const happened: number[] = [];
  for (let row = 1; row < groups.length; row += 2) {
    const group = known.get(groups[row] as number);
    said.push(group === undefined ? rate : (group.positives + DOUBT * rate) / (group.rows + DOUBT));
    happened.push(outcomes[row] === true ? 1 : 0);
  }
  return happened.includes(0) && happened.includes(1) ? measureQuality(said, happened).auc : 0.5;
};

export class ColumnSignals {
  readonly #columns: readonly string[];
  #rows: { readonly cells: readonly string[]; readonly isPositive: boolean }[] = [];
  #every = 1;
  #seen = 0;

  constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  /** One row's cells, in the order of the columns. */
  take(cells: readonly string[], isPositive: boolean): void {
    this.#seen += 1;
    if (this.#seen % this.#every !== 0) return;
    this.#rows.push({ cells: [...cells], isPositive });
    if (this.#rows.length <= MOST_ROWS) return;
    this.#rows = this.#rows.filter((_, at) => at % 2 === 1);
    this.#every *= 2;
  }

  /** Strongest first. */
  signals(): readonly ColumnSignal[] {
    const outcomes = this.#rows.map(({ isPositive }) => isPositive);
    return this.#columns
      .map((column, at) => ({
        column,
        auc: aucAlone(
          this.#rows.map(({ cells }) => cells[at] ?? ''),
          outcomes,
        ),
      }))
      .toSorted((a, b) => b.auc - a.auc);
  }
}

/** In words which columns are suspected of knowing the outcome; `auc` is that of the whole model. Empty = none is. */
export const leakNotices = (signals: readonly ColumnSignal[], auc: number): readonly string[] => {
  const after = 'If it is only known after the outcome, leave it out with';
  const leaks = signals.filter((signal) => signal.auc >= LEAK_AUC);
  if (leaks.length > 0)
    return leaks.map(
      (leak) =>
        `column "${leak.column}" alone tells the outcome with an AUC of ${leak.auc.toFixed(3)}: it may be a leak. ${after} --drop ${leak.column}`,
    );
  const [strongest] = signals;
  if (auc < LEAK_AUC || strongest === undefined) return [];
  return [
    `an AUC of ${auc.toFixed(3)} is too good to be believed unseen: look for a leak, first at column "${strongest.column}" (${strongest.auc.toFixed(3)} alone). ${after} --drop ${strongest.column}`,
  ];
};
