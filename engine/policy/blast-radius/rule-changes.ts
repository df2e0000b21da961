/** What differs between two revisions, rule by rule: read from the rules alone, whatever it does to decisions. */
import type { CheckedAction, CheckedRevision } from '#contract/checked-policy.ts';
import type { StatedCondition } from '#contract/condition.ts';
import { canonicalJson } from '#core';

export const CONDITION_STAGES = ['eligibility', 'applicability', 'suitability'] as const;
export type ConditionStage = (typeof CONDITION_STAGES)[number];

/** One difference. `reworded`: names and sentences, which no decision reads. */
export interface RuleChange {
  readonly of: 'action' | 'care' | 'contact' | 'constraint' | 'exclusion' | 'purpose' | 'field' | 'topic' | 'attention' | 'revision';
  /** Id, path or topic; empty for attention and the revision itself. */
  readonly id: string;
  readonly change: 'added' | 'removed' | 'changed' | 'reworded';
  /** The part of it; empty for the whole. */
  readonly part: string;
  /** As the author wrote it, or as JSON; null where it was not there, and for the whole. */
  readonly from: string | null;
  readonly to: string | null;
}

type Part = readonly [part: string, value: unknown];

/** Parts of an action that a decision reads, besides its conditions. */
const settingsOf = (action: CheckedAction, revision: CheckedRevision): readonly Part[] => [
  ['issue', action.issue],
  ['group', action.group],
  ['mandatory', action.mandatory],
  ['transactional', action.transactional],
  ['fallback', action.fallback],
  ['sales', action.sales],
  ['significant', action.significant],
  ['urgency', action.urgency],
  ['purpose', revision.purposes[action.purpose]?.id],
  ['value', action.value],
  ['lever', action.lever],
  ['context', action.context],
  ['influence', action.influence],
  ['startingPropensity', action.startingPropensity],
  ['startingEvidence', action.startingEvidence],
  ['minPropensity', action.minPropensity],
  ['minPriority', action.minPriority],
  ['validFrom', action.validFromMs],
  ['validTo', action.validToMs],
  ['treatments', action.treatments.map(({ channel, language, when = null }) => [channel, language, when])],
  ['expiresAfterMs', action.expiresAfterMs],
  ['route', action.route],
  ['request', action.request],
];

const wordingOf = ({ name, reasons, treatments, rejectReasons }: CheckedAction): unknown => [name, reasons, treatments, rejectReasons];

/** Undefined members are left out, as in a file. */
const text = (value: unknown): string | null => (value === undefined ? null : typeof value === 'string' ? value : canonicalJson(value));

const same = (one: unknown, other: unknown): boolean => text(one) === text(other);

function partsOf(of: RuleChange['of'], id: string, before: readonly Part[], after: readonly Part[]): RuleChange[] {
  const afterwards = new Map(after);
  return before.flatMap(([part, value]) => {
    const now = afterwards.get(part);
    if (same(value, now)) return [];
    const change = text(value) === null ? 'added' : text(now) === null ? 'removed' : 'changed';
    return [{ of, id, change, part, from: text(value), to: text(now) } as const];
  });
}

/** Every part of something whose parts are its members; `words` are those no decision reads. */
function membersOf<T extends object>(of: RuleChange['of'], id: string, before: T, after: T, words: readonly string[]): RuleChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  const read = (thing: T): readonly Part[] => names.map((name) => [name, (thing as Readonly<Record<string, unknown>>)[name]]);
  return partsOf(of, id, read(before), read(after)).map((one) =>
    words.includes(one.part) ? { ...one, change: 'reworded' as const } : one,
  );
}

interface Listed<T> {
  readonly of: RuleChange['of'];
  readonly idOf: (one: T) => string;
  readonly changes: (before: T, after: T) => readonly RuleChange[];
}

function listed<T>({ of, idOf, changes }: Listed<T>, before: readonly T[], after: readonly T[]): RuleChange[] {
  const was = new Map(before.map((one) => [idOf(one), one]));
  const is = new Map(after.map((one) => [idOf(one), one]));
  return [...new Set([...was.keys(), ...is.keys()])].toSorted().flatMap((id) => {
    const one = was.get(id);
    const other = is.get(id);
    if (one !== undefined && other !== undefined) return changes(one, other);
    return [{ of, id, change: one === undefined ? ('added' as const) : ('removed' as const), part: '', from: null, to: null }];
  });
}

const keyed = (all: readonly StatedCondition[]): ReadonlyMap<string, StatedCondition> =>
  new Map(all.map((one) => [canonicalJson(one.condition), one]));

/** Conditions that are in one list and not in the other, as sets: their order decides nothing, nor does one that is there twice. */
export function conditionChanges(
  before: readonly StatedCondition[],
  after: readonly StatedCondition[],
): { readonly removed: readonly StatedCondition[]; readonly added: readonly StatedCondition[] } {
  const was = keyed(before);
  const is = keyed(after);
  return {
    removed: [...was].filter(([key]) => !is.has(key)).map(([, one]) => one),
    added: [...is].filter(([key]) => !was.has(key)).map(([, one]) => one),
  };
}

function conditionsOf(
  id: string,
  stage: ConditionStage,
  before: readonly StatedCondition[],
  after: readonly StatedCondition[],
): RuleChange[] {
  const { removed, added } = conditionChanges(before, after);
  const base = { of: 'action', id, part: stage } as const;
  const [gone] = removed;
  const [come] = added;
  if (removed.length === 1 && added.length === 1 && gone !== undefined && come !== undefined)
    return [{ ...base, change: 'changed', from: gone.text, to: come.text }];
  return [
    ...removed.map((one) => ({ ...base, change: 'removed' as const, from: one.text, to: null })),
    ...added.map((one) => ({ ...base, change: 'added' as const, from: null, to: one.text })),
  ];
}

/** Ids of actions that both revisions have: that one came or went is told of the action itself. */
const common = (revision: CheckedRevision, other: CheckedRevision, actions: readonly number[]): readonly string[] =>
  actions.flatMap((index) => other.actions.find(({ id }) => id === revision.actions[index]?.id)?.id ?? []);

/** All differences, in a fixed order. Places in files and the order of conditions are none. */
export function ruleChanges(before: CheckedRevision, after: CheckedRevision): readonly RuleChange[] {
  const action = (one: CheckedAction, other: CheckedAction): readonly RuleChange[] => {
    const { id } = one;
    const changes = [
      ...CONDITION_STAGES.flatMap((stage) => conditionsOf(id, stage, one[stage], other[stage])),
      ...partsOf('action', id, settingsOf(one, before), settingsOf(other, after)),
    ];
    if (!same(wordingOf(one), wordingOf(other)) && changes.every(({ part }) => part !== 'treatments'))
      changes.push({ of: 'action', id, change: 'reworded', part: 'wording', from: null, to: null });
    return changes;
  };
  const { attention: attentionBefore } = before;
  const { attention: attentionAfter } = after;
  return [
    ...listed({ of: 'action', idOf: ({ id }) => id, changes: action }, before.actions, after.actions),
    ...listed(
      {
        of: 'care',
        idOf: ({ id }) => id,
        changes: (one, other) => {
          const isSame = same(one.condition, other.condition);
          const reworded: RuleChange[] =
            one.name === other.name ? [] : [{ of: 'care', id: one.id, change: 'reworded', part: 'name', from: one.name, to: other.name }];
          return isSame
            ? reworded
            : [{ of: 'care', id: one.id, change: 'changed', part: 'when', from: one.text, to: other.text }, ...reworded];
        },
      },
      before.care,
      after.care,
    ),
    ...listed(
      { of: 'contact', idOf: ({ id }) => id, changes: (one, other) => membersOf('contact', one.id, one, other, ['name']) },
      before.contact,
      after.contact,
    ),
    ...listed(
      { of: 'constraint', idOf: ({ id }) => id, changes: (one, other) => membersOf('constraint', one.id, one, other, ['name']) },
      before.constraints.map((one) => ({ ...one, covers: common(before, after, one.covers) })),
      after.constraints.map((one) => ({ ...one, covers: common(after, before, one.covers) })),
    ),
    ...listed(
      {
        of: 'exclusion',
        idOf: ({ action: id, channel }) => (channel === undefined ? id : `${id} ${channel}`),
        changes: (one, other) => membersOf('exclusion', one.action, one, other, ['reason']),
      },
      before.exclusions.flatMap((one) => common(before, after, [one.action]).map((action) => ({ ...one, action }))),
      after.exclusions.flatMap((one) => common(after, before, [one.action]).map((action) => ({ ...one, action }))),
    ),
    ...listed(
      { of: 'purpose', idOf: ({ id }) => id, changes: (one, other) => membersOf('purpose', one.id, one, other, ['name']) },
      before.purposes,
      after.purposes,
    ),
    ...listed(
      {
        of: 'field',
        idOf: ({ path }) => path,
        changes: (one, other) => membersOf('field', one.path, one, other, ['label', 'unit', 'subject', 'changeableBy']),
      },
      before.fields,
      after.fields,
    ),
    ...listed(
      { of: 'topic', idOf: ({ topic }) => topic, changes: (one, other) => membersOf('topic', one.topic, one, other, []) },
      before.topics,
      after.topics,
    ),
    ...membersOf(
      'attention',
      '',
      { ...attentionBefore, ...attentionBefore.levels, levels: undefined },
      { ...attentionAfter, ...attentionAfter.levels, levels: undefined },
      [],
    ),
    ...membersOf('revision', '', settingsOfRevision(before), settingsOfRevision(after), ['name', 'version']),
  ];
}

/** Whatever of a revision is compared nowhere else, so that a setting added later is compared too. */
const settingsOfRevision = ({
  hash: _hash,
  fields: _fields,
  purposes: _purposes,
  topics: _topics,
  care: _care,
  contact: _contact,
  constraints: _constraints,
  exclusions: _exclusions,
  attention: _attention,
  actions: _actions,
  ...settings
}: CheckedRevision) => settings;
