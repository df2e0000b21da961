/** What each field contributed to a model's propensity of one action, for the model that is loaded. */
import type { CheckedField } from '#contract/checked-policy.ts';
import type { Contributions } from '#contract/contribution.ts';
import type { ModelBundle } from '#contract/model.ts';
import { type FieldValues, featureVector } from '#core';
import { contributionsOf, type ExplainableModel, readExplainable } from '#learning';

const without = (why: string): Contributions => ({ exact: false, why });

export class ModelContributions {
  #bundle: ModelBundle | null = null;
  #read: ExplainableModel | null = null;

  /** The bundle that is scored with from now on. Read here and once, so that no explanation waits for it. */
  use(bundle: ModelBundle | null): void {
    if (bundle?.hash === this.#bundle?.hash) return;
    this.#bundle = bundle;
    this.#read = bundle === null ? null : readExplainable(bundle);
  }

  /**
   * For one action of one decision. `model`: the hash the decision's record names, null where none was used; `catalogue`:
   * fields of the decision's revision; `fields`: their values as the decision read them.
   */
  of(model: string | null, catalogue: readonly CheckedField[], fields: FieldValues, actionId: string): Contributions {
    const bundle = this.#bundle;
    if (model === null) return without('No model was used for this decision; the propensity is the starting one.');
    const read = this.#read;
    if (bundle === null || read === null || bundle.hash !== model)
      return without('The model of this decision is not the one that is loaded now.');
    const { manifest } = bundle;
    const action = manifest.actions.findIndex(({ id }) => id === actionId);
    if (action < 0)
      return without(`Model ${manifest.id} ${manifest.version} does not know this action; the propensity is the starting one.`);
    const byPath = new Map(catalogue.map((field) => [field.path, field]));
    if (manifest.features.some(({ field }) => isForbidden(byPath.get(field))))
      return without(
        `Model ${manifest.id} ${manifest.version} reads what no model may read (a protected attribute or a state of mind). Withdraw it.`,
      );
    const found = contributionsOf(read, featureVector(manifest.features, fields), action, fields);
    if (!found.exact) return found;
    const contributions = found.contributions.map((contribution) => {
      const label = byPath.get(contribution.field)?.label;
      return label === undefined ? contribution : { ...contribution, label };
    });
    return { ...found, contributions };
  }
}

const isForbidden = (field: CheckedField | undefined): boolean => field?.kind === 'protected' || field?.kind === 'affect';
