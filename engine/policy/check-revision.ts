/**
 * Policy files → a CheckedRevision, or every fault in them.
 *
 *   files ─► folder (YAML or JSON, layout) ─► catalogue (fields, purposes, topics, names)
 *                                        ├─► care, contact, attention
 *                                        └─► issues, groups, actions (conditions, templates, reachability)
 *                                              └─► significance ─► constraints, exclusions
 */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { Attention, type PolicyFault, type PolicyFile, Revision } from '#contract/policy.ts';
import { ActionsCheck } from './check-actions.ts';
import { checkAdaptive } from './check-adaptive.ts';
import { checkCatalogue } from './check-catalogue.ts';
import { checkHoldouts } from './check-holdouts.ts';
import { checkConstraints, checkExclusions } from './check-limits.ts';
import { checkCare, checkContact } from './check-rules.ts';
import { checkSignificance } from './check-significance.ts';
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
  const listed = new ActionsCheck(catalogue, conditions, care, cheapestInterruption(attention), faults).check(folder);
  const { actions, significance } = checkSignificance(folder.catalogue.get('significance'), catalogue.names, listed, faults);
  const constraints = checkConstraints(folder.catalogue.get('constraints'), catalogue.names, actions, faults);
  const exclusions = checkExclusions(folder.catalogue.get('exclusions'), catalogue.names, actions, faults);
  if (catalogue.names.actions.size === 0)
    faults.add('actions', 1, 'there is no action: write at least one as actions/<issue>/<group>/<id>.yaml');
  const header = folder.catalogue.get('revision');
  const revision = header ? parsePart(Revision, header, [], faults) : null;

  const adaptive = header && revision?.adaptive ? checkAdaptive(revision.adaptive, header, catalogue.names, faults) : undefined;

  const holdouts = header && revision?.holdouts ? checkHoldouts(revision.holdouts, header, catalogue.names, actions, faults) : undefined;
  if (header && revision?.challenger !== undefined && !revision.useModel)
    faults.add(header.file, header.lineAt(['challenger']), 'a challenger needs a champion: useModel is false, so no model decides');

  if (faults.count > 0) return { ok: false, faults: faults.sorted() };
  if (revision === null || attention === null) throw new Error('checking a revision: a file is missing but no fault was reported');
  const {
    usableOfflineHours,
    factors,
    maturityThrottle,
    control,
    experiment,
    challenger,
    holdouts: _namedHoldouts,
    exploration,
    modelCard,
    adaptive: _asWritten,
    ...rest
  } = revision;
  return {
    ok: true,
    revision: {
      hash,
      ...rest,
      ...(factors === undefined ? {} : { factors }),
      ...(maturityThrottle === undefined ? {} : { maturityThrottle }),
      ...(control === undefined ? {} : { control }),
      ...(experiment === undefined ? {} : { experiment }),
      ...(challenger === undefined ? {} : { challenger }),
      ...(holdouts === undefined ? {} : { holdouts }),
      ...(exploration === undefined ? {} : { exploration }),
      ...(adaptive === undefined ? {} : { adaptive }),
      ...(modelCard === undefined ? {} : { modelCard }),
      usableOfflineMs: usableOfflineHours * HOUR_MS,
      fields: catalogue.fields,
      purposes: catalogue.purposes,
      topics: catalogue.topics,
      care,
      contact,
      constraints,
      exclusions,
      ...(significance.length === 0 ? {} : { significance }),
      attention,
      actions,
    },
  };
};

/** What an interruption costs where it costs least: whatever is worth less is never shown to anybody. */
const cheapestInterruption = (attention: Attention | null): number =>
  attention === null ? 0 : Math.min(...Object.values(attention.levels).map(({ interruptionCost }) => interruptionCost));
