/** What a served next-action model is given at a moment, by its manifest. */
import type { FlowChartFile, NextActionManifest } from '#contract/text-model.ts';
import { type SparseRow, Vocabulary } from '../text/vocabulary.ts';
import { type ChartOptions, optionsOf } from './chart-options.ts';
import { ChoiceModel } from './choice-model.ts';
import { readFlowChart } from './flow-chart.ts';
import { momentSigns } from './moment-signs.ts';
import type { Moment } from './read-session.ts';

export type ReadMoment =
  /** A task the model has learnt: a row of its network. */
  | { readonly kind: 'known'; readonly row: SparseRow }
  /** A task of which only the flow chart is known: what may be done, and the signals of each. */
  | { readonly kind: 'charted'; readonly options: readonly string[]; readonly places: readonly Int32Array[] };

export class NextActionReader {
  readonly #manifest: NextActionManifest;
  readonly #vocabulary: Vocabulary;
  readonly #choice: ChoiceModel;
  readonly #options: ReadonlyMap<string, ChartOptions>;

  /** @param more flow charts of tasks the model has not learnt */
  constructor(manifest: NextActionManifest, more: Readonly<Record<string, FlowChartFile>> = {}) {
    this.#manifest = manifest;
    this.#vocabulary = Vocabulary.from(manifest.signs);
    this.#choice = new ChoiceModel(manifest.common, Vocabulary.from(manifest.signals));
    // What was learnt with one chart is asked with the same one.
    const files = { ...more, ...manifest.tasks };
    this.#options = new Map(Object.entries(files).map(([task, file]) => [task, optionsOf(readFlowChart(task, file), manifest.common)]));
  }

  /** Null for a task neither learnt nor charted. */
  read(moment: Moment): ReadMoment | null {
    const chart = this.#options.get(moment.task)?.chart;
    if (this.#manifest.tasks[moment.task] !== undefined) return { kind: 'known', row: this.#vocabulary.row(momentSigns(moment, chart)) };
    return this.charted(moment);
  }

  /** The moment as if its task had not been learnt. */
  charted(moment: Moment): Extract<ReadMoment, { kind: 'charted' }> | null {
    const options = this.#options.get(moment.task);
    if (options === undefined) return null;
    return { kind: 'charted', options: options.actions, places: this.#choice.places(options, moment) };
  }
}
