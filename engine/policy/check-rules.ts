/** Care rules and contact policies. */
import type { CheckedContactPolicy, CheckedRevision } from '#contract/checked-policy.ts';
import { CareRule, ContactPolicy } from '#contract/policy.ts';
import { checkNames, parseEntries } from './check-catalogue.ts';
import { type ConditionChecker, joined } from './condition-checker.ts';
import type { FaultList } from './fault-list.ts';
import { findContradiction } from './find-contradiction.ts';
import { durationMs } from './read-duration.ts';
import { LONGEST_HISTORY_MS } from './read-operand.ts';
import type { PolicySource } from './policy-source.ts';

export const checkCare = (source: PolicySource | undefined, conditions: ConditionChecker, faults: FaultList): CheckedRevision['care'] => {
  const entries = (source && parseEntries(CareRule, source, faults)) ?? [];
  const care: CheckedRevision['care'][number][] = [];
  for (const { index, entry } of entries) {
    if (source === undefined || entry === null) continue;
    if (care.some(({ id }) => id === entry.id))
      faults.add(source.file, source.lineAt([index, 'id']), `care rule "${entry.id}" is there twice: keep one`);
    const { conjuncts, whole } = conditions.state(source, [index, 'when'], entry.when, 'care');
    // Half a rule would seem to forbid more than it does.
    if (!whole) continue;
    const reach = findContradiction(conjuncts, conditions.catalogue.fields);
    if ('at' in reach) faults.add(source.file, reach.at.line, `this care rule never holds: ${reach.why}`);
    care.push({
      id: entry.id,
      name: entry.name,
      condition: joined(conjuncts),
      text: entry.when.trim(),
      file: source.file,
      line: source.lineAt([index, 'when']),
    });
  }
  return care;
};

export const checkContact = (
  source: PolicySource | undefined,
  issues: ReadonlySet<string>,
  faults: FaultList,
): readonly CheckedContactPolicy[] => {
  const entries = (source && parseEntries(ContactPolicy, source, faults)) ?? [];
  const policies: CheckedContactPolicy[] = [];
  for (const { index, entry } of entries) {
    if (source === undefined || entry === null) continue;
    const add = (key: string, reason: string): void => faults.add(source.file, source.lineAt([index, key]), reason);
    if (policies.some(({ id }) => id === entry.id)) add('id', `contact policy "${entry.id}" is there twice: keep one`);
    checkNames(source, [index, 'issues'], entry.issues, issues, 'issue', faults);
    const windowMs = durationMs(entry.window, source.file);
    const suppressForMs = durationMs(entry.suppressFor, source.file);
    if (windowMs > LONGEST_HISTORY_MS) add('window', 'history is kept for 400 days: use a window of at most 400d');
    const { window: _window, suppressFor: _suppressFor, issues: named, channel, ...rest } = entry;
    policies.push({
      ...rest,
      windowMs,
      suppressForMs,
      ...(named === undefined ? {} : { issues: named }),
      ...(channel === undefined ? {} : { channel }),
    });
  }
  return policies;
};
