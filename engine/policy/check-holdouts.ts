/** Holdouts: what is kept from a share of customers for a time. */
import type { CheckedAction, CheckedHoldout } from '#contract/checked-policy.ts';
import type { HoldoutDefinition } from '#contract/assignment-rules.ts';
import type { Catalogue } from './catalogue.ts';
import { checkNames } from './check-catalogue.ts';
import { isCovered } from './check-limits.ts';
import type { FaultList } from './fault-list.ts';
import type { PolicySource } from './policy-source.ts';

/** `actions` are those without a fault; what is said of all of them is said only when none is missing. */
export function checkHoldouts(
  definitions: readonly HoldoutDefinition[],
  source: PolicySource,
  names: Catalogue,
  actions: readonly CheckedAction[],
  faults: FaultList,
): readonly CheckedHoldout[] {
  return definitions.map((entry, index) => {
    const { id, name, share, salt, anew } = entry;
    const before = faults.count;
    const add = (key: string, reason: string): void => faults.add(source.file, source.lineAt(['holdouts', index, key]), reason);
    if (definitions.findIndex((other) => other.id === id) < index) add('id', `holdout "${id}" is there twice: keep one`);
    checkNames(source, ['holdouts', index, 'actions'], entry.actions, names.actions, 'action', faults);
    checkNames(source, ['holdouts', index, 'groups'], entry.groups, names.groups, 'group', faults);
    checkNames(source, ['holdouts', index, 'issues'], entry.issues, names.issues, 'issue', faults);
    const [fromMs, untilMs] = [Date.parse(entry.from), Date.parse(entry.until)];
    if (!(untilMs > fromMs)) add('until', `holdout "${id}" ends before it begins: "until" must be after "from"`);
    const held = actions.filter((action) => isCovered(entry, action));
    const all = faults.count === before && actions.length === names.actions.size;
    if (all && held.length === 0) add('id', `holdout "${id}" names no action: name others, or take it out`);
    for (const { id: line } of all ? held.filter(({ mandatory }) => mandatory) : [])
      add(
        'id',
        `holdout "${id}" names "${line}", which is mandatory: a line that must be said is kept from nobody; name what is tried one by one`,
      );
    return { id, name, share, salt, anew, actions: held.map((action) => action.id), fromMs, untilMs };
  });
}
