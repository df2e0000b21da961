/**
 * Policy files → a CheckedRevision, or every fault in them.
 *
 *   files ─► folder (YAML or JSON, layout) ─► catalogue (fields, purposes, topics, names)
 *                                        ├─► care, contact, attention
 *                                        └─► issues, groups, actions (conditions, templates, reachability)
 *                                              └─► constraints, exclusions
 */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { Attention, type PolicyFault, type PolicyFile, Revision } from '#contract/policy.ts';
import { ActionsCheck } from './check-actions.ts';
import { checkCatalogue } from './check-catalogue.ts';
import { checkConstraints, checkExclusions } from './check-limits.ts';
import { checkCare, checkContact } from './check-rules.ts';
import { ConditionChecker } from './condition-checker.ts';
import { FaultList } from './fault-list.ts';
import { readFolder } from './revision-folder.ts';
import { parsePart } from './schema-fault.ts';

export type RevisionCheck =
  | { readonly ok: true; readonly revision: CheckedRevision }
  /** Sorted by file and line; never empty. */
  | { readonly ok: false; readonly faults: readonly PolicyFault[] };

const HOUR_MS = 3_600_000;

/**
 * Checks a whole revision. Never throws for what the files contain; `hash` is revisionHash of the same
 * files and only carried along.
 */
export const checkRevision = (files: readonly PolicyFile[], { hash }: { readonly hash: string }): RevisionCheck => {
  const faults = new FaultList();
  const folder = readFolder(files, faults);
  if (folder === null) return { ok: false, faults: faults.sorted() };
  const catalogue = checkCatalogue(folder, faults);
  const conditions = new ConditionChecker(catalogue.names, faults);
  const care = checkCare(folder.catalogue.get('care'), conditions, faults);
  const contact = checkContact(folder.catalogue.get('contact'), catalogue.names.issues, faults);
  const attentionFile = folder.catalogue.get('attention');
  const attention = attentionFile ? parsePart(Attention, attentionFile, [], faults) : null;
  const actions = new ActionsCheck(catalogue, conditions, care, cheapestInterruption(attention), faults).check(folder);
  const constraints = checkConstraints(folder.catalogue.get('constraints'), catalogue.names, actions, faults);
  const exclusions = checkExclusions(folder.catalogue.get('exclusions'), catalogue.names, actions, faults);
  if (catalogue.names.actions.size === 0)
    faults.add('actions', 1, 'there is no action: write at least one as actions/<issue>/<group>/<id>.yaml');
  const header = folder.catalogue.get('revision');
  const revision = header ? parsePart(Revision, header, [], faults) : null;

  if (faults.count > 0) return { ok: false, faults: faults.sorted() };
  if (revision === null || attention === null) throw new Error('checking a revision: a file is missing but no fault was reported');
  const { usableOfflineHours, factors, maturityThrottle, control, experiment, exploration, ...rest } = revision;
  return {
    ok: true,
    revision: {
      hash,
      ...rest,
      ...(factors === undefined ? {} : { factors }),
      ...(maturityThrottle === undefined ? {} : { maturityThrottle }),
      ...(control === undefined ? {} : { control }),
      ...(experiment === undefined ? {} : { experiment }),
      ...(exploration === undefined ? {} : { exploration }),
      usableOfflineMs: usableOfflineHours * HOUR_MS,
      fields: catalogue.fields,
      purposes: catalogue.purposes,
      topics: catalogue.topics,
      care,
      contact,
      constraints,
      exclusions,
      attention,
      actions,
    },
  };
};

/** What an interruption costs where it costs least: whatever is worth less is never shown to anybody. */
const cheapestInterruption = (attention: Attention | null): number =>
  attention === null ? 0 : Math.min(...Object.values(attention.levels).map(({ interruptionCost }) => interruptionCost));
