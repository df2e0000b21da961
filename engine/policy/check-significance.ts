/** Who decides what needs a second person, and which actions do besides those the catalogue flags. */
import type { CheckedAction, CheckedRoute, CheckedSignificance } from '#contract/checked-policy.ts';
import { type ApprovalRoute, SignificanceRule } from '#contract/policy.ts';
import type { Catalogue } from './catalogue.ts';
import { parseEntries } from './check-catalogue.ts';
import type { FaultList } from './fault-list.ts';
import { suggestion } from './nearest-name.ts';
import type { PolicySource, SourcePath } from './policy-source.ts';
import { DAY_MS, durationMs } from './read-duration.ts';

type Add = (path: SourcePath, reason: string) => void;

const LONGEST_MS = 14 * DAY_MS;

/** What a schema cannot say of a route. */
export function checkRoute(route: ApprovalRoute, file: string, add: Add): void {
  const levels = [route, ...(route.escalate ?? [])];
  for (const [i, { goal, within }] of levels.entries()) {
    const path = i === 0 ? [] : ['escalate', i - 1];
    if (goal !== undefined && durationMs(goal, file) > durationMs(within, file))
      add([...path, 'goal'], `the goal ${goal} is after the deadline ${within}: make it shorter`);
  }
  const allMs = levels.reduce((sum, { within }) => sum + durationMs(within, file), 0);
  if (allMs > LONGEST_MS) add(['within'], 'all levels together have at most 14 days: the customer waits');
  if (route.expiresAfter !== undefined && durationMs(route.expiresAfter, file) < allMs)
    add(['expiresAfter'], 'it would expire before the last level had its time: make it at least as long as all levels together');
  const amounts = (route.quorum ?? []).map(({ from }) => from);
  for (const [i, from] of amounts.entries())
    if (amounts.indexOf(from) !== i) add(['quorum', i, 'from'], `the amount ${from} is there twice: keep one`);
}

/** Of a route that was checked. */
export function checkedRoute(route: ApprovalRoute, file: string): CheckedRoute {
  const levels = [route, ...(route.escalate ?? [])].map(({ role, within, goal }) => {
    const withinMs = durationMs(within, file);
    return { role, withinMs, goalMs: goal === undefined ? Math.floor(withinMs / 2) : durationMs(goal, file) };
  });
  const allMs = levels.reduce((sum, { withinMs }) => sum + withinMs, 0);
  return {
    levels,
    quorum: (route.quorum ?? []).toSorted((a, b) => a.from - b.from),
    expiresAfterMs: route.expiresAfter === undefined ? 2 * allMs : durationMs(route.expiresAfter, file),
    endsWithCall: route.afterCall === 'withdraw',
  };
}

/** The actions with what the rules make of them, and the rules that depend on the customer. Rules go in their order; an action's own route stays. */
export function checkSignificance(
  source: PolicySource | undefined,
  names: Catalogue,
  listed: readonly CheckedAction[],
  faults: FaultList,
): { readonly actions: readonly CheckedAction[]; readonly significance: readonly CheckedSignificance[] } {
  const entries = (source && parseEntries(SignificanceRule, source, faults)) ?? [];
  const significance: CheckedSignificance[] = [];
  const ids = new Set<string>();
  let actions = listed;
  for (const { index, entry } of entries) {
    if (source === undefined || entry === null) continue;
    const before = faults.count;
    const add: Add = (path, reason) => faults.add(source.file, source.lineAt([index, ...path]), reason);
    if (ids.has(entry.id)) add(['id'], `rule "${entry.id}" is there twice: keep one`);
    ids.add(entry.id);
    checkRoute(entry.route, source.file, (path, reason) => add(['route', ...path], reason));
    for (const [i, path] of (entry.anyOf ?? []).entries()) {
      const field = names.fields.get(path);
      if (field === undefined && names.fieldsComplete && !names.brokenFields.has(path))
        add(['anyOf', i], `there is no field "${path}"${suggestion(path, new Set(names.fields.keys()))}`);
      if (field !== undefined && field.type !== 'boolean')
        add(['anyOf', i], `"${path}" is of type ${field.type}: name one that is true or false`);
    }
    const covers = actions.flatMap((action, i) => (isCovered(entry, action) ? [i] : []));
    for (const { id } of covers.flatMap((i) => actions[i] ?? []).filter(({ mandatory }) => mandatory))
      add(['id'], `"${id}" is mandatory and would wait for a second person: narrow the rule, or take "mandatory" out of the action`);
    if (faults.count === before && covers.length === 0 && listed.length === names.actions.size)
      add(['id'], `rule "${entry.id}" covers no action: nothing has such a request`);
    if (faults.count > before) continue;
    const route = checkedRoute(entry.route, source.file);
    const { id, name, anyOf } = entry;
    if (anyOf !== undefined) significance.push({ id, name, anyOf, route, covers });
    else {
      const covered = new Set(covers);
      actions = actions.map((action, i) => (covered.has(i) && !action.significant ? { ...action, significant: true, route } : action));
    }
  }
  return { actions, significance };
}

const isCovered = ({ amountFrom, kinds }: SignificanceRule, { request }: CheckedAction): boolean =>
  request !== undefined &&
  (amountFrom === undefined || (request.amount ?? 0) >= amountFrom) &&
  (kinds === undefined || kinds.includes(request.kind));
