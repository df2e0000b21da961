/** Changes of one rule of a revision: such as change what is decided, and such as only look like it. Each says what it did. */
import type { CheckedAction, CheckedContactPolicy, CheckedRevision } from '#contract/checked-policy.ts';
import type { Comparison, Condition, StatedCondition } from '#contract/condition.ts';
import type { RuleChange } from '#policy';

export interface Mutation {
  /** In words, for a failing test. */
  readonly words: string;
  readonly revision: CheckedRevision;
  /** What a diff must say of it; empty: that the rules are the same. */
  readonly changes: readonly Pick<RuleChange, 'of' | 'id' | 'change' | 'part'>[];
}

/** Chance, so that a seed gives the same mutations. */
export interface Dice {
  below(limit: number): number;
  of<T>(all: readonly T[]): T;
}

const STAGES = ['eligibility', 'applicability', 'suitability'] as const;
type Stage = (typeof STAGES)[number];

const stated = (condition: Condition): StatedCondition => ({ condition, text: JSON.stringify(condition), file: 'mutated.yaml', line: 1 });

const withAction = (revision: CheckedRevision, id: string, change: (action: CheckedAction) => Partial<CheckedAction>): CheckedRevision => ({
  ...revision,
  actions: revision.actions.map((action) => (action.id === id ? { ...action, ...change(action) } : action)),
});

/** Constraints and exclusions name actions by number. */
const withoutAction = (revision: CheckedRevision, id: string): CheckedRevision => {
  const actions = revision.actions.filter((action) => action.id !== id);
  const renumbered = (index: number): readonly number[] => {
    const at = actions.findIndex((action) => action.id === revision.actions[index]?.id);
    return at < 0 ? [] : [at];
  };
  return {
    ...revision,
    actions,
    constraints: revision.constraints.map((one) => ({ ...one, covers: one.covers.flatMap(renumbered) })),
    exclusions: revision.exclusions.flatMap((one) => renumbered(one.action).map((action) => ({ ...one, action }))),
  };
};

interface Spot {
  readonly action: CheckedAction;
  readonly stage: Stage;
  readonly at: number;
  readonly one: StatedCondition;
}

const spotsOf = ({ actions }: CheckedRevision): readonly Spot[] =>
  actions.flatMap((action) => STAGES.flatMap((stage) => action[stage].map((one, at): Spot => ({ action, stage, at, one }))));

const atSpot = (revision: CheckedRevision, { action, stage, at }: Spot, put: readonly StatedCondition[]): CheckedRevision =>
  withAction(revision, action.id, () => ({ [stage]: action[stage].toSpliced(at, 1, ...put) }));

const OPPOSITE: Readonly<Record<Comparison, Comparison>> = { '<': '>=', '<=': '>', '==': '!=', '!=': '==', '>=': '<', '>': '<=' };
const isOrdered = (is: Comparison): boolean => is !== '==' && is !== '!=';

/** Another condition in its place; null where this kind of mutation does not fit it. */
const REWRITES: readonly ((condition: Condition, dice: Dice) => Condition | null)[] = [
  (condition) => ({ op: 'not', of: condition }),
  (condition, dice) =>
    condition.op === 'compare' && typeof condition.right === 'number'
      ? { ...condition, right: condition.right * dice.of([0.25, 2, 4]) + dice.of([-3, 5]) }
      : null,
  (condition) => (condition.op === 'compare' ? { ...condition, is: OPPOSITE[condition.is] } : null),
  (condition, dice) =>
    condition.op === 'in' && condition.set.length > 1
      ? { ...condition, set: condition.set.toSpliced(dice.below(condition.set.length), 1) }
      : null,
  (condition) => (condition.op === 'or' || condition.op === 'and' ? { op: condition.op === 'or' ? 'and' : 'or', of: condition.of } : null),
];

/** The same in other words. */
const SAME: readonly ((condition: Condition) => Condition | null)[] = [
  (condition) => ({ op: 'not', of: { op: 'not', of: condition } }),
  (condition) => ({ op: 'and', of: [condition, condition] }),
  (condition) => ({ op: 'or', of: [condition] }),
  (condition) =>
    condition.op === 'compare' && isOrdered(condition.is) ? { op: 'not', of: { ...condition, is: OPPOSITE[condition.is] } } : null,
  (condition) => (condition.op === 'in' ? { ...condition, set: condition.set.toReversed() } : null),
];

type Maker = (revision: CheckedRevision, dice: Dice) => Mutation | null;

const setting =
  (part: string, change: (action: CheckedAction, dice: Dice, revision: CheckedRevision) => Partial<CheckedAction>): Maker =>
  (revision, dice) => {
    const { id } = dice.of(revision.actions);
    const changed = withAction(revision, id, (action) => change(action, dice, revision));
    return { words: `${part} of ${id}`, revision: changed, changes: [{ of: 'action', id, change: 'changed', part }] };
  };

const policyMember =
  (part: string, change: (policy: CheckedContactPolicy) => Partial<CheckedContactPolicy>): Maker =>
  (revision, dice) => {
    if (revision.contact.length === 0) return null;
    const { id } = dice.of(revision.contact);
    const contact = revision.contact.map((policy) => (policy.id === id ? { ...policy, ...change(policy) } : policy));
    return {
      words: `${part} of contact policy ${id}`,
      revision: { ...revision, contact },
      changes: [{ of: 'contact', id, change: 'changed', part }],
    };
  };

/** Mutations that mean something, though perhaps in none of the situations at hand. */
export const MEANINGFUL: readonly Maker[] = [
  (revision, dice) => {
    const spot = dice.of(spotsOf(revision));
    const { action, stage } = spot;
    return {
      words: `condition ${spot.at} of ${stage} of ${action.id} removed`,
      revision: atSpot(revision, spot, []),
      changes: [{ of: 'action', id: action.id, change: 'removed', part: stage }],
    };
  },
  (revision, dice) => {
    const spot = dice.of(spotsOf(revision));
    const condition = dice.of(REWRITES)(spot.one.condition, dice);
    if (condition === null) return null;
    const { action, stage } = spot;
    return {
      words: `condition ${spot.at} of ${stage} of ${action.id} rewritten`,
      revision: atSpot(revision, spot, [stated(condition)]),
      changes: [{ of: 'action', id: action.id, change: 'changed', part: stage }],
    };
  },
  (revision, dice) => {
    const { id } = dice.of(revision.actions);
    const stage = dice.of(STAGES);
    const { one } = dice.of(spotsOf(revision));
    if (
      revision.actions.some(
        (action) => action.id === id && action[stage].some(({ condition }) => JSON.stringify(condition) === JSON.stringify(one.condition)),
      )
    )
      return null;
    return {
      words: `condition of another action added to ${stage} of ${id}`,
      revision: withAction(revision, id, (action) => ({ [stage]: [...action[stage], one] })),
      changes: [{ of: 'action', id, change: 'added', part: stage }],
    };
  },
  (revision, dice) => {
    const { id } = dice.of(revision.actions);
    return {
      words: `${id} removed`,
      revision: withoutAction(revision, id),
      changes: [{ of: 'action', id, change: 'removed', part: '' }],
    };
  },
  setting('value', ({ value }, dice) => ({ value: value * dice.of([0.01, 100]) + 1 })),
  setting('lever', ({ lever }, dice) => ({ lever: lever * dice.of([0.05, 20]) + 0.01 })),
  setting('startingPropensity', ({ startingPropensity }) => ({ startingPropensity: startingPropensity > 0.5 ? 0.001 : 0.999 })),
  setting('minPropensity', ({ minPropensity }) => ({ minPropensity: minPropensity + 0.9 })),
  setting('minPriority', ({ minPriority }) => ({ minPriority: minPriority + 1e6 })),
  setting('mandatory', ({ mandatory }) => ({ mandatory: !mandatory })),
  setting('fallback', ({ fallback }) => ({ fallback: !fallback })),
  setting('sales', ({ sales }) => ({ sales: !sales })),
  setting('purpose', ({ purpose }, _, { purposes }) => ({ purpose: (purpose + 1) % purposes.length })),
  (revision, dice) => {
    const { id } = dice.of(revision.actions);
    const endMs = revision.actions.find((action) => action.id === id)?.validToMs;
    return {
      words: `${id} no longer valid`,
      revision: withAction(revision, id, () => ({ validToMs: 1_000_000_000_000 })),
      changes: [{ of: 'action', id, change: endMs === undefined ? 'added' : 'changed', part: 'validTo' }],
    };
  },
  policyMember('limit', ({ limit }) => ({ limit: limit + 3 })),
  policyMember('suppressForMs', ({ suppressForMs }) => ({ suppressForMs: suppressForMs * 20 })),
  policyMember('windowMs', ({ windowMs }) => ({ windowMs: Math.round(windowMs / 30) })),
  (revision, dice) => {
    if (revision.contact.length === 0) return null;
    const { id } = dice.of(revision.contact);
    return {
      words: `contact policy ${id} removed`,
      revision: { ...revision, contact: revision.contact.filter((policy) => policy.id !== id) },
      changes: [{ of: 'contact', id, change: 'removed', part: '' }],
    };
  },
  (revision, dice) => {
    if (revision.care.length === 0) return null;
    const { id } = dice.of(revision.care);
    return {
      words: `care rule ${id} removed`,
      revision: { ...revision, care: revision.care.filter((rule) => rule.id !== id) },
      changes: [{ of: 'care', id, change: 'removed', part: '' }],
    };
  },
  (revision, dice) => {
    if (revision.topics.length === 0) return null;
    const { topic } = dice.of(revision.topics);
    const topics = revision.topics.map((one) => (one.topic === topic ? { ...one, phrases: ['nobody ever says this'] } : one));
    return {
      words: `phrases of ${topic}`,
      revision: { ...revision, topics },
      changes: [{ of: 'topic', id: topic, change: 'changed', part: 'phrases' }],
    };
  },
  (revision) => ({
    words: 'no chips',
    revision: { ...revision, maxChips: revision.maxChips === 0 ? 2 : 0 },
    changes: [{ of: 'revision', id: '', change: 'changed', part: 'maxChips' }],
  }),
];

/** Mutations that decide nothing else, whatever the situation. */
export const NO_OPS: readonly Maker[] = [
  (revision, dice) => {
    const spot = dice.of(spotsOf(revision));
    const condition = dice.of(SAME)(spot.one.condition);
    if (condition === null) return null;
    const { action, stage } = spot;
    return {
      words: `condition ${spot.at} of ${stage} of ${action.id} said otherwise`,
      revision: atSpot(revision, spot, [stated(condition)]),
      changes: [{ of: 'action', id: action.id, change: 'changed', part: stage }],
    };
  },
  (revision, dice) => {
    const { action, stage } = dice.of(spotsOf(revision).filter((spot) => spot.action[spot.stage].length > 1));
    return {
      words: `order of ${stage} of ${action.id}`,
      revision: withAction(revision, action.id, () => ({ [stage]: action[stage].toReversed() })),
      changes: [],
    };
  },
  (revision, dice) => {
    const spot = dice.of(spotsOf(revision));
    return { words: `a condition of ${spot.action.id} twice`, revision: atSpot(revision, spot, [spot.one, spot.one]), changes: [] };
  },
  (revision, dice) => {
    const { id } = dice.of(revision.actions);
    return {
      words: `name of ${id}`,
      revision: withAction(revision, id, ({ name }) => ({ name: `${name} now` })),
      changes: [{ of: 'action', id, change: 'reworded', part: 'wording' }],
    };
  },
  (revision, dice) => {
    const { id } = dice.of(revision.actions);
    return {
      words: `wording of ${id}`,
      revision: withAction(revision, id, ({ treatments }) => ({
        treatments: treatments.map((one) => ({ ...one, do: `${one.do}, please` })),
      })),
      changes: [{ of: 'action', id, change: 'reworded', part: 'wording' }],
    };
  },
  (revision, dice) => {
    if (revision.contact.length === 0) return null;
    const { id } = dice.of(revision.contact);
    const contact = revision.contact.map((policy) => (policy.id === id ? { ...policy, name: 'Another name' } : policy));
    return {
      words: `name of contact policy ${id}`,
      revision: { ...revision, contact },
      changes: [{ of: 'contact', id, change: 'reworded', part: 'name' }],
    };
  },
  (revision, dice) => {
    if (revision.topics.length === 0) return null;
    const { topic } = dice.of(revision.topics);
    const topics = revision.topics.map((one) =>
      one.topic === topic ? { ...one, phrases: one.phrases.map((phrase) => phrase.toUpperCase()) } : one,
    );
    return {
      words: `capitals in ${topic}`,
      revision: { ...revision, topics },
      changes: [{ of: 'topic', id: topic, change: 'changed', part: 'phrases' }],
    };
  },
  (revision, dice) => {
    const { id } = dice.of(revision.actions);
    return { words: `file of ${id}`, revision: withAction(revision, id, () => ({ file: 'moved.yaml' })), changes: [] };
  },
];
