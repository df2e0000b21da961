/** Constraints and exclusions: what takes actions out for a time, whoever the customer is. Both files may be left out. */
import type { CheckedAction, CheckedConstraint, CheckedExclusion } from '#contract/checked-policy.ts';
import { MAX_CONSTRAINTS } from '#contract/limits.ts';
import { ConstraintDefinition, ExclusionDefinition } from '#contract/policy.ts';
import type { Catalogue } from './catalogue.ts';
import { checkNames, parseEntries } from './check-catalogue.ts';
import type { FaultList } from './fault-list.ts';
import { suggestion } from './nearest-name.ts';
import type { PolicySource } from './policy-source.ts';

const MINUTE_MS = 60_000;

/** `actions` are those without a fault; what is said of all of them is said only when none is missing. */
export const checkConstraints = (
  source: PolicySource | undefined,
  names: Catalogue,
  actions: readonly CheckedAction[],
  faults: FaultList,
): readonly CheckedConstraint[] => {
  const entries = (source && parseEntries(ConstraintDefinition, source, faults)) ?? [];
  if (source !== undefined && entries.length > MAX_CONSTRAINTS)
    faults.add(
      source.file,
      source.lineAt([MAX_CONSTRAINTS]),
      `a revision has at most ${MAX_CONSTRAINTS} constraints, this one ${entries.length}`,
    );
  const constraints: CheckedConstraint[] = [];
  for (const { index, entry } of entries) {
    if (source === undefined || entry === null) continue;
    const before = faults.count;
    const add = (key: string, reason: string): void => faults.add(source.file, source.lineAt([index, key]), reason);
    if (constraints.some(({ id }) => id === entry.id)) add('id', `constraint "${entry.id}" is there twice: keep one`);
    checkNames(source, [index, 'actions'], entry.actions, names.actions, 'action', faults);
    checkNames(source, [index, 'groups'], entry.groups, names.groups, 'group', faults);
    checkNames(source, [index, 'issues'], entry.issues, names.issues, 'issue', faults);
    if (entry.kind === 'volume' && !Number.isInteger(entry.limit)) {
      add('limit', `a volume counts whole acceptances, so ${entry.limit} is never reached exactly: write 1, 2, 3 …`);
    }
    const covers = actions.flatMap((action, i) => (isCovered(entry, action) ? [i] : []));
    constraints.push({
      id: entry.id,
      name: entry.name,
      kind: entry.kind,
      limit: entry.limit,
      period: entry.period,
      maxAgeMs: entry.maxAgeMinutes * MINUTE_MS,
      covers,
    });
    if (faults.count > before || actions.length < names.actions.size) continue;
    const covered = covers.flatMap((i) => actions[i] ?? []);
    if (covered.length === 0) add('id', `constraint "${entry.id}" covers no action: name others, or take it out`);
    for (const { id } of covered.filter(({ mandatory }) => mandatory)) {
      add(
        'id',
        `constraint "${entry.id}" covers "${id}", which is mandatory: a line that must be said cannot run out; name what runs out one by one`,
      );
    }
    if (entry.kind !== 'budget' || covered.length === 0) continue;
    if (covered.every(({ request }) => request?.amount === undefined)) {
      add(
        'kind',
        `nothing would ever be taken from budget "${entry.id}": no action it covers has a request with an amount; add one, or limit the volume`,
      );
    }
    for (const [i, id] of (entry.actions ?? []).entries()) {
      if (covered.some((action) => action.id === id && action.request?.amount === undefined)) {
        faults.add(
          source.file,
          source.lineAt([index, 'actions', i]),
          `action "${id}" takes nothing from budget "${entry.id}": give its request an amount, or take it out`,
        );
      }
    }
  }
  return constraints;
};

/** Whether an action is named, or its group or issue is. */
export const isCovered = (
  { actions, groups, issues }: Pick<ConstraintDefinition, 'actions' | 'groups' | 'issues'>,
  { id, group, issue }: CheckedAction,
): boolean => actions?.includes(id) === true || groups?.includes(group) === true || issues?.includes(issue) === true;

/** `actions` as for constraints. */
export const checkExclusions = (
  source: PolicySource | undefined,
  names: Catalogue,
  actions: readonly CheckedAction[],
  faults: FaultList,
): readonly CheckedExclusion[] => {
  const entries = (source && parseEntries(ExclusionDefinition, source, faults)) ?? [];
  const exclusions: CheckedExclusion[] = [];
  const seen = new Set<string>();
  for (const { index, entry } of entries) {
    if (source === undefined || entry === null) continue;
    const add = (key: string, reason: string): void => faults.add(source.file, source.lineAt([index, key]), reason);
    const place = `${entry.action} ${entry.channel ?? ''}`;
    const where = entry.channel === undefined ? '' : ` through ${entry.channel}`;
    if (!names.actions.has(entry.action)) add('action', `there is no action "${entry.action}"${suggestion(entry.action, names.actions)}`);
    else if (seen.has(place)) add('action', `action "${entry.action}" is excluded twice${where}: keep the exclusion that ends last`);
    seen.add(place);
    const untilMs = Date.parse(entry.until);
    if (!Number.isFinite(untilMs)) add('until', `"until" ${entry.until} is no moment: write one such as 2026-01-31T18:00:00Z`);
    const action = actions.findIndex(({ id }) => id === entry.action);
    const treatments = actions[action]?.treatments;
    if (entry.channel !== undefined && treatments !== undefined && treatments.every(({ channel }) => channel !== entry.channel)) {
      add(
        'channel',
        `action "${entry.action}" is never offered${where}, so this exclusion does nothing: take the channel or the exclusion out`,
      );
    }
    exclusions.push({ action, reason: entry.reason, untilMs, ...(entry.channel === undefined ? {} : { channel: entry.channel }) });
  }
  return exclusions;
};
