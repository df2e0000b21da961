/** Inputs of a decision in which something had been otherwise: profiles and calls are changed, never facts. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition } from '#contract/condition.ts';
import type { Change, DecisionInputs } from '#contract/decision.ts';
import type { ProfileFields } from '#contract/profile.ts';
import { type Candidates, type Decider, isoFromMs, type Scores, understand } from '#core';

export type Altering = Pick<Change, 'path' | 'to' | 'by'>;

export function altered(revision: CheckedRevision, inputs: DecisionInputs, changes: readonly Altering[]): DecisionInputs {
  return changes.reduce((before, change) => alter(revision, before, change), inputs);
}

function alter(revision: CheckedRevision, inputs: DecisionInputs, { path, to, by }: Altering): DecisionInputs {
  const { call } = inputs;
  if (path === 'said') {
    const startMs = call.connectedAtMs ?? inputs.nowMs;
    const said = {
      utteranceId: `what-if-${by}-${String(to)}`,
      seq: 0,
      speaker: by,
      text: `Well, ${String(to)}!`,
      startMs: 0,
      endMs: 1,
      atMs: startMs,
    };
    const heard = { ...call, utterances: [said, ...call.utterances] };
    // A model takes it to be about nothing else: only what a phrase would have done is asked.
    return {
      ...inputs,
      call: by === 'agent' ? heard : understand(heard, heard.understoodBy ?? 'none', [{ seq: 0, intent: null, confidence: 0 }]),
    };
  }
  if (path === 'call.identity') return { ...inputs, call: { ...call, identity: to as 'asserted' } };
  const type = revision.fields.find((field) => field.path === path)?.type;
  const value = type === 'time' ? isoFromMs(Number(to)) : (to as string);
  const name = path.slice(path.indexOf('.') + 1);
  if (path.startsWith('journey.')) return { ...inputs, call: { ...call, journeys: { ...call.journeys, [name]: value } } };
  // The customer or the agent says so on the call: the newest there is to know.
  return { ...inputs, call: { ...call, ...told(inputs, { [name]: value }) } };
}

/** What a call was told by a version older than the profile's stays unheard. */
function told({ call, profile }: DecisionInputs, news: ProfileFields): Pick<DecisionInputs['call'], 'fields' | 'profileVersion'> {
  const known = profile !== null && call.customerId === profile.customerId ? profile.version : 0;
  const isHeard = call.profileVersion !== null && known < call.profileVersion;
  return { fields: { ...(isHeard ? call.fields : {}), ...news }, profileVersion: Math.max(known, call.profileVersion ?? 0) + 1 };
}

/** The scores of a decision for whatever candidates there are then: kept by action, none for what was not scored. */
export function keptScores(revision: CheckedRevision, candidates: Candidates, scores: Scores): (of: Candidates) => Scores {
  const { propensity } = scores;
  if ((scores.rung !== 'model' && scores.rung !== 'last-good-model') || propensity === null) return () => scores;
  const isBroken = [...propensity].some((one) => one < 0 || one > 1);
  if (!revision.useModel) return () => ({ rung: 'starting-propensity', propensity: null, model: scores.model });
  if (isBroken) return () => ({ rung: 'rules-only', propensity: null, model: scores.model });
  const kept = new Map([...candidates.actions].map((action, place) => [action, propensity[place]!]));
  return ({ actions }) => ({ ...scores, propensity: Float64Array.from(actions, (action) => kept.get(action) ?? Number.NaN) });
}

/** Whether an action is shown when it is decided from inputs. */
export function isShown(decider: Decider, inputs: DecisionInputs, scores: (of: Candidates) => Scores, actionId: string): boolean {
  const candidates = decider.filter(inputs);
  return decider.explain(candidates, scores(candidates), actionId).stage === 'shown';
}

/** Every value that could tell something, written down apart from the core: by path, and what each speaker could say. */
export function everyChange(revision: CheckedRevision, inputs: DecisionInputs): readonly (readonly Altering[])[] {
  const conditions = [
    ...revision.care.map(({ condition }) => condition),
    ...revision.actions.flatMap(({ eligibility, applicability, suitability, context }) => [
      ...[...eligibility, ...applicability, ...suitability].map(({ condition }) => condition),
      ...context.map(({ when }) => when),
    ]),
  ].flatMap(leaves);
  const isKnown = inputs.call.identity !== 'unknown' && inputs.call.customerId !== null;
  const fields = revision.fields.flatMap(({ path, type, values = [], changeableBy }): readonly (readonly Altering[])[] => {
    if (changeableBy === 'nobody' || path === 'call.topics') return [];
    const about = conditions.filter((one) => pathOf(one) === path);
    if (about.length === 0 || (path.startsWith('profile.') && !isKnown)) return [];
    const to = (options: readonly Altering['to'][]): readonly Altering[] =>
      options.map((option) => ({ path, to: option, by: changeableBy }));
    const numbers = about.flatMap(numbersOf);
    switch (type) {
      case 'boolean':
        return [to([true, false])];
      case 'enum':
        return [to(path === 'call.identity' ? (isKnown ? ['asserted', 'verified'] : []) : values)];
      case 'text':
        return [to([...new Set(about.flatMap(wordsOf)), 'something else'])];
      case 'set':
        return [to(subsets(values))];
      case 'number':
        return [
          to([...new Set(numbers.flatMap((bound) => [bound - 1, bound - 0.25, bound, bound + 0.25, bound + 1]))].filter((one) => one >= 0)),
        ];
      case 'time': {
        const since = about.some((one) => one.op === 'compare' && one.left.kind === 'since');
        return [to(numbers.map((bound) => (since ? inputs.nowMs - bound : bound)).flatMap((atMs) => [atMs - 30_000, atMs, atMs + 30_000]))];
      }
    }
  });
  const phrases = [
    ...conditions.flatMap((one) => (one.op === 'said' ? one.phrases : [])),
    ...revision.topics.flatMap((topic) => topic.phrases),
  ];
  const said = [...new Set(phrases)].map((to) => [
    { path: 'said', to, by: 'customer' as const },
    { path: 'said', to, by: 'agent' as const },
  ]);
  return [...fields, ...said];
}

function leaves(condition: Condition): readonly Condition[] {
  switch (condition.op) {
    case 'and':
    case 'or':
      return condition.of.flatMap(leaves);
    case 'not':
      return leaves(condition.of);
    default:
      return [condition];
  }
}

function pathOf(condition: Condition): string | null {
  if (condition.op === 'has') return condition.path;
  if (condition.op !== 'compare' && condition.op !== 'in') return null;
  return condition.left.kind === 'count' ? null : condition.left.path;
}

const literalsOf = (condition: Condition): readonly unknown[] =>
  condition.op === 'compare' ? [condition.right] : condition.op === 'in' ? condition.set : [];
const numbersOf = (condition: Condition): readonly number[] => literalsOf(condition).filter((one) => typeof one === 'number');
const wordsOf = (condition: Condition): readonly string[] => literalsOf(condition).filter((one) => typeof one === 'string');

const subsets = (values: readonly string[]): readonly (readonly string[])[] =>
  values.reduce<readonly (readonly string[])[]>((found, value) => [...found, ...found.map((one) => [...one, value])], [[]]);
