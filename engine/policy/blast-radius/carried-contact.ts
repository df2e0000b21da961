/** Rests under one revision's contact policies told in terms of another's, as far as they can be. */
import type { CheckedAction, CheckedContactPolicy, CheckedRevision } from '#contract/checked-policy.ts';
import { canonicalJson, type CompiledRevision, type DecisionFacts } from '#core';
import type { Gap } from './gaps.ts';

type Rest = DecisionFacts['contact'][number];

/** What a unit is called: numbers of groups and issues are each revision's own. */
const unitName = ({ revision, groups, issues }: CompiledRevision, { per }: CheckedContactPolicy, unit: number): string => {
  switch (per) {
    case 'action':
      return revision.actions[unit]?.id ?? '';
    case 'group':
      return groups[unit] ?? '';
    case 'issue':
      return issues[unit] ?? '';
    case 'all':
      return '';
  }
};

const unitOfAction = ({ per }: CheckedContactPolicy, action: CheckedAction): string => {
  switch (per) {
    case 'action':
      return action.id;
    case 'group':
      return action.group;
    case 'issue':
      return action.issue;
    case 'all':
      return '';
  }
};

const isIn = ({ issues }: CheckedContactPolicy, { issue }: CheckedAction): boolean => issues === undefined || issues.includes(issue);

/** How a policy compares with the one it was. */
type Relation = 'same' | 'looser' | 'stricter' | 'other';

interface Unit {
  readonly name: string;
  readonly number: number;
  readonly actions: readonly number[];
  readonly relation: Relation;
}

interface CarriedPolicy {
  readonly policy: CheckedContactPolicy;
  /** Number and definition under the former revision; null where it had none of this id. */
  readonly former: { readonly number: number; readonly policy: CheckedContactPolicy } | null;
  readonly units: readonly Unit[];
}

export class CarriedContact {
  readonly #before: CompiledRevision;
  readonly #policies: readonly CarriedPolicy[];

  constructor(before: CompiledRevision, after: CompiledRevision) {
    this.#before = before;
    this.#policies = after.revision.contact.map((policy) => {
      const number = before.revision.contact.findIndex(({ id }) => id === policy.id);
      const was = before.revision.contact[number];
      const former = was === undefined ? null : { number, policy: was };
      return { policy, former, units: unitsOf(before.revision, after, policy, was) };
    });
  }

  /** The rests in force now, and what cannot be known of them. */
  carry(rests: DecisionFacts['contact'], nowMs: number): { readonly contact: DecisionFacts['contact']; readonly gaps: readonly Gap[] } {
    const contact: Rest[] = [];
    const gaps: Gap[] = [];
    for (const [number, { policy, former, units }] of this.#policies.entries()) {
      for (const unit of units) {
        const rest =
          former === null
            ? undefined
            : rests.find(([was, of]) => was === former.number && unitName(this.#before, former.policy, of) === unit.name);
        const longerMs = former === null ? 0 : policy.suppressForMs - former.policy.suppressForMs;
        const isKnown =
          unit.relation === 'same' || (rest === undefined ? unit.relation === 'looser' && longerMs <= 0 : unit.relation === 'stricter');
        // A rest that would have ended by now under the former policy left no trace.
        const isTold = isKnown && (rest !== undefined || longerMs <= 0);
        if (!isTold)
          gaps.push({
            what: `contact policy ${policy.id}`,
            askings: unit.actions.map((action) => ({ action, stage: 'contact' })),
            told: 'assumed',
          });
        if (rest === undefined) continue;
        const [, , untilMs, sparesOpen] = rest;
        if (untilMs + longerMs > nowMs) contact.push([number, unit.number, untilMs + longerMs, sparesOpen]);
      }
    }
    return { contact: contact.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]), gaps };
  }
}

/** Units of a policy under the new revision that hold an action it can suppress. */
function unitsOf(
  before: CheckedRevision,
  { revision, groups, issues }: CompiledRevision,
  policy: CheckedContactPolicy,
  was: CheckedContactPolicy | undefined,
): readonly Unit[] {
  const units = new Map<string, number[]>();
  for (const [number, action] of revision.actions.entries()) {
    if (action.mandatory || action.transactional || !isIn(policy, action)) continue;
    const name = unitOfAction(policy, action);
    units.set(name, [...(units.get(name) ?? []), number]);
  }
  const numberOf = (name: string, actions: readonly number[]): number => {
    switch (policy.per) {
      case 'action':
        return actions[0] ?? -1;
      case 'group':
        return groups.indexOf(name);
      case 'issue':
        return issues.indexOf(name);
      case 'all':
        return 0;
    }
  };
  return [...units].map(([name, actions]) => ({
    name,
    number: numberOf(name, actions),
    actions,
    relation: was === undefined ? 'other' : relationOf(before, revision, was, policy, name),
  }));
}

function relationOf(
  before: CheckedRevision,
  after: CheckedRevision,
  was: CheckedContactPolicy,
  is: CheckedContactPolicy,
  unit: string,
): Relation {
  if (was.per !== is.per || was.counts !== is.counts || was.channel !== is.channel) return 'other';
  if (is.per === 'all' && canonicalJson(was.issues ?? null) !== canonicalJson(is.issues ?? null)) return 'other';
  // An action that is new has no history, so only one that no longer counts changes what is counted together.
  const counted = ({ actions }: CheckedRevision, policy: CheckedContactPolicy): readonly string[] =>
    actions.filter((action) => !action.transactional && isIn(policy, action) && unitOfAction(policy, action) === unit).map(({ id }) => id);
  const then = counted(before, was);
  const now = new Set(counted(after, is));
  if (then.length === 0 || !then.every((id) => now.has(id))) return 'other';
  const known = new Set(before.actions.map(({ id }) => id));
  if ([...now].some((id) => known.has(id) && !then.includes(id))) return 'other';
  if (was.limit === is.limit && was.windowMs === is.windowMs) return 'same';
  if (is.limit >= was.limit && is.windowMs <= was.windowMs) return 'looser';
  return is.limit <= was.limit && is.windowMs >= was.windowMs ? 'stricter' : 'other';
}
