/** What every question about the records of a revision begins with: the revision, its models, the records. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { DecisionRecord } from '#contract/decision-record.ts';
import type { Given, OptionSpec } from '../command.ts';
import { loadPresentCore, type PresentCore } from '../core/core-file.ts';
import type { NamedManifest } from '#core';
import { readModels } from '../decide/model-folder.ts';
import { readPolicy } from '../read-policy.ts';
import type { Terminal } from '../terminal.ts';
import { readRecords } from './read-records.ts';
import { VariedDecider } from './varied-decider.ts';

export const RECORDS: OptionSpec = {
  type: 'string',
  value: 'FILE',
  help: 'Records taken under the revision, one a line, plain or .gz',
  required: true,
};
export const MODELS: OptionSpec = { type: 'string', value: 'DIR', help: 'Folder of the model bundles that the records name' };

export interface RecordsQuestion {
  readonly revision: CheckedRevision;
  readonly records: readonly DecisionRecord[];
  /** Some lines could not be used. */
  readonly isPartial: boolean;
  /** Decides the records again under a variation of the revision. */
  vary(change: Partial<CheckedRevision>): VariedDecider;
}

/** Null where there is nothing to ask: the terminal has been told why. */
export const openQuestion = async (given: Given, terminal: Terminal): Promise<RecordsQuestion | null> => {
  const policy = await readPolicy(given.positional(0));
  if (!policy.ok) {
    for (const fault of policy.faults) terminal.note(fault);
    return null;
  }
  const { revision } = policy;
  const models = await modelsOf(given.text('models'), terminal);
  if (models === null) return null;
  const core: PresentCore = await loadPresentCore();
  const unchanged = new VariedDecider(core, revision, models);
  const vary = (change: Partial<CheckedRevision>): VariedDecider => {
    const varied = new VariedDecider(core, { ...revision, ...change }, models);
    if (varied.asks !== unchanged.asks) throw new Error(`a variation of ${revision.hash} asks for other things than its records hold`);
    return varied;
  };
  const { records, refused } = await readRecords(given.required('records'), revision.hash, terminal, (record) => unchanged.fault(record));
  return records.length === 0 ? null : { revision, records, isPartial: refused > 0, vary };
};

const modelsOf = async (folder: string | undefined, terminal: Terminal): Promise<readonly NamedManifest[] | null> => {
  if (folder === undefined) return [];
  const found = await readModels(folder);
  if (found.ok) return [...found.models, ...found.learnt];
  for (const fault of found.faults) terminal.note(fault);
  return null;
};
