/** What each field contributed to a model's propensity of one action, for the model that is loaded. */
import type { CheckedAction, CheckedField } from '#contract/checked-policy.ts';
import { ANSWERS, type Contribution, type Contributions, type NotTold } from '#contract/contribution.ts';
import type { ModelBundle } from '#contract/model.ts';
import { type FieldValues, featureVector } from '#core';
import { contributionsOf, type ExplainableModel, logistic, readExplainable, transparencyOf } from '#learning';
import { isTransparentEnough } from '#policy';
import type { AnswersPart } from './adaptive-scores.ts';

const without = (reason: NotTold, why: string): Contributions => ({ exact: false, reason, why });

/** As for golden outputs: the model computes in 32-bit floats. */
const TOLERANCE = 1e-5;

/** An action, as one decision scored it. */
export interface ScoredAction {
  readonly action: Pick<CheckedAction, 'id' | 'issue' | 'minTransparency'>;
  /** Hash of the trained model the decision used; null where it used none. */
  readonly model: string | null;
  /** What was answered before; left out where that was not asked. `gone`: it was, and is not known any more. */
  readonly answers?: AnswersPart | 'gone' | undefined;
  /** What came of both, before smoothing; NaN where nothing is known of the action. */
  readonly propensity: number;
  /** Fields of the decision's revision, and their values as the decision read them. */
  readonly catalogue: readonly CheckedField[];
  readonly fields: FieldValues;
}

/** Then the trained model gave no score, and the answers spoke alone. */
const WITHOUT_SCORE: readonly NotTold[] = ['no-model', 'unknown-action', 'not-transparent'];

type Told = Extract<Contributions, { exact: true }>;

export class ModelContributions {
  #bundle: ModelBundle | null = null;
  #read: ExplainableModel | null = null;

  /** The bundle that is scored with from now on. Read here and once, so that no explanation waits for it. */
  use(bundle: ModelBundle | null): void {
    if (bundle?.hash === this.#bundle?.hash) return;
    this.#bundle = bundle;
    this.#read = bundle === null ? null : readExplainable(bundle);
  }

  /** Of the model that is loaded, from 1 to 5. */
  get transparency(): number {
    return this.#bundle === null || this.#read === null ? 1 : transparencyOf(this.#bundle.manifest, this.#read);
  }

  /** For one action of one decision. */
  of(scored: ScoredAction): Contributions {
    const { answers, propensity, catalogue, fields } = scored;
    if (answers === 'gone') return without('other-model', 'What had been learnt when this was decided is not here any more.');
    const trained = this.#trained(scored);
    if (!trained.exact && (answers === undefined || !WITHOUT_SCORE.includes(trained.reason))) return trained;
    const found = answers === undefined ? (trained as Told) : withAnswers(trained.exact ? trained : null, answers, fields);
    const logOdds = found.contributions.reduce((sum, part) => sum + part.logOdds, found.base);
    if (!(Math.abs(logistic(logOdds) - propensity) <= TOLERANCE * propensity))
      return without(
        'not-reproduced',
        'What is known of the fields now does not give the propensity that was decided with; the record does not hold them all.',
      );
    const byPath = new Map(catalogue.map((field) => [field.path, field]));
    const contributions = found.contributions.map((contribution) => {
      const label = byPath.get(contribution.field)?.label;
      return label === undefined ? contribution : { ...contribution, label };
    });
    return { ...found, contributions };
  }

  #trained({ model, catalogue, fields, action: asked }: ScoredAction): Contributions {
    const bundle = this.#bundle;
    const read = this.#read;
    if (model === null) return without('no-model', 'No model was used for this decision; the propensity is the starting one.');
    if (bundle === null || read === null || bundle.hash !== model)
      return without('other-model', 'The model of this decision is not the one that is loaded now.');
    const { manifest } = bundle;
    const action = manifest.actions.findIndex(({ id }) => id === asked.id);
    if (action < 0)
      return without(
        'unknown-action',
        `Model ${manifest.id} ${manifest.version} does not know this action; the propensity is the starting one.`,
      );
    if (!isTransparentEnough(asked, this.transparency))
      return without(
        'not-transparent',
        `Model ${manifest.id} ${manifest.version} has transparency ${this.transparency}, and issue ${asked.issue} asks for ${asked.minTransparency ?? 1}; the propensity is the starting one.`,
      );
    const byPath = new Map(catalogue.map((field) => [field.path, field]));
    if (manifest.features.some(({ field }) => isForbidden(byPath.get(field))))
      return without(
        'forbidden-field',
        `Model ${manifest.id} ${manifest.version} reads what no model may read (a protected attribute or a state of mind). Withdraw it.`,
      );
    return contributionsOf(read, featureVector(manifest.features, fields), action, fields);
  }
}

/** Log-odds are averaged, so what each field adds to them is averaged too (adaptive-scores.ts). */
function withAnswers(trained: Told | null, answers: AnswersPart, fields: Pick<FieldValues, 'field'>): Told {
  const weight = trained === null ? 1 : answers.weight;
  const added = new Map((trained?.contributions ?? []).map(({ field, logOdds }) => [field, (1 - weight) * logOdds]));
  for (const [at, path] of answers.featurePaths.entries())
    added.set(path, (added.get(path) ?? 0) + weight * (answers.features[at] as number));
  const contributions = [...added].map(([field, logOdds]): Contribution => {
    const value = fields.field(field);
    return { field, value: typeof value === 'object' && value !== null ? [...value] : value, logOdds };
  });
  const own: Contribution = { field: ANSWERS, label: 'Answers so far', value: answers.answers, logOdds: weight * answers.action };
  return {
    exact: true,
    base: (1 - weight) * (trained?.base ?? 0) + weight * answers.base,
    contributions: [own, ...contributions].toSorted((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds) || (a.field < b.field ? -1 : 1)),
  };
}

const isForbidden = (field: CheckedField | undefined): boolean => field?.kind === 'protected' || field?.kind === 'affect';
