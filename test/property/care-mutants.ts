/** Care before sale, got wrong in every way that comes to mind: by other revisions, compiled otherwise, or asked otherwise. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition } from '#contract/condition.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import { REASONS } from '#contract/reason-codes.ts';
import { type CompiledRevision, compileRevision, Decider } from '#core';
import { core } from '../core/fixtures.ts';
import type { Deciding, Taken } from './care-history.ts';
import { CARE_POLICY } from './care-policy.ts';

export const asItIs = (): Deciding => deciding(compileRevision(CARE_POLICY));

function deciding(compiled: CompiledRevision): Deciding {
  const decider = new Decider(compiled, core);
  return (inputs) => {
    const { result, codes } = decider.decide(inputs, null);
    const ended = (id: string): string => {
      const reason = REASONS[codes[compiled.actionIndex.get(id) ?? -1] ?? -1];
      return `${reason?.stage}/${reason?.code}`;
    };
    return { shown: result.kind === 'show' ? result.prompts.map(({ actionId }) => actionId) : [], ended };
  };
}

const under = (more: Partial<CheckedRevision>): Deciding => deciding(compileRevision({ ...CARE_POLICY, ...more }));
const caring = (change: (condition: Condition) => Condition): Deciding =>
  under({ care: CARE_POLICY.care.map((rule) => ({ ...rule, condition: change(rule.condition) })) });
const selling = (isSale: (action: CheckedRevision['actions'][number]) => boolean): Deciding =>
  under({ actions: CARE_POLICY.actions.map((action) => ({ ...action, sales: action.sales && isSale(action) })) });
const given = (change: (inputs: DecisionInputs) => DecisionInputs): Deciding => {
  const right = asItIs();
  return (inputs) => right(change(inputs));
};

/** A tree with every leaf `test` holds for known to be false. */
function without(condition: Condition, test: (leaf: Condition) => boolean): Condition {
  switch (condition.op) {
    case 'and':
    case 'or':
      return { op: condition.op, of: condition.of.map((part) => without(part, test)) };
    case 'not':
      return { op: 'not', of: without(condition.of, test) };
    case 'compare':
    case 'in':
    case 'has':
    case 'said':
    case 'literal':
      return test(condition) ? { op: 'literal', value: false } : condition;
  }
}

/** Unknown taken for false, as a careless evaluator does. */
function unknownPasses(): Deciding {
  const compiled = compileRevision(CARE_POLICY);
  const predicates = compiled.predicates.map((predicate, number) =>
    compiled.care.includes(number)
      ? { ...predicate, evaluate: (x: Float64Array) => (predicate.evaluate(x) === 2 ? 0 : predicate.evaluate(x)) }
      : predicate,
  );
  return deciding({ ...compiled, predicates });
}

/** `careless` where it shows nothing that `mayNot`, else as it is. */
function unless(careless: Deciding, mayNot: (taken: Taken, inputs: DecisionInputs) => boolean): Deciding {
  const right = asItIs();
  return (inputs) => {
    const taken = careless(inputs);
    return mayNot(taken, inputs) ? right(inputs) : taken;
  };
}

const isSale = (id: string | undefined): boolean => CARE_POLICY.actions.some((action) => action.id === id && action.sales);

/** Care asked first: what it says of a sale stands, whether or not the sale has a basis. */
function careBeforeConsent(): Deciding {
  const right = asItIs();
  const based = under({ purposes: CARE_POLICY.purposes.map((purpose) => ({ ...purpose, basis: 'legal-obligation' })) });
  return (inputs) => {
    const first = based(inputs);
    const cared = new Map(CARE_POLICY.actions.map(({ id }) => [id, first.ended(id)]));
    const taken = right(inputs);
    return { ...taken, ended: (id) => (cared.get(id)?.startsWith('care/') === true ? cared.get(id)! : taken.ended(id)) };
  };
}

const noCare = (): Deciding => under({ care: [] });

export const MUTANTS: Readonly<Record<string, () => Deciding>> = {
  'care is not asked at all': noCare,
  'care that is unknown passes': unknownPasses,
  'care holds back the issue "sales" only': () => selling(({ issue }) => issue === 'sales'),
  'care holds back the group "plans" only': () => selling(({ group }) => group === 'plans'),
  'care holds back what needs consent only': () => selling(({ purpose }) => CARE_POLICY.purposes[purpose]?.basis === 'consent'),
  'care does not hold back must-say sales': () => selling(({ mandatory }) => !mandatory),
  'care holds back what is not a sale as well': () => under({ actions: CARE_POLICY.actions.map((action) => ({ ...action, sales: true })) }),
  ...Object.fromEntries(
    CARE_POLICY.care.map(({ id }) => [`care ignores ${id}`, () => under({ care: CARE_POLICY.care.filter((rule) => rule.id !== id) })]),
  ),
  'care needs all that is wrong at once': () =>
    under({
      care: CARE_POLICY.care
        .slice(0, 1)
        .map((rule) => ({ ...rule, condition: { op: 'and', of: CARE_POLICY.care.map(({ condition }) => condition) } })),
    }),
  'care holds the wrong way round': () => caring((condition) => ({ op: 'not', of: condition })),
  'care ignores what is said on the call': () => caring((condition) => without(condition, ({ op }) => op === 'has')),
  'care ignores what is noted of the customer': () => caring((condition) => without(condition, ({ op }) => op === 'compare')),
  'care ignores what is told during the call': () =>
    given((inputs) => ({ ...inputs, call: { ...inputs.call, fields: {}, profileVersion: null } })),
  'care ignores that a delivery is missing': () => given((inputs) => ({ ...inputs, call: { ...inputs.call, gaps: [] } })),
  'care believes what is too old': () => under({ fields: CARE_POLICY.fields.map((field) => ({ ...field, maxAgeHours: 9_600 })) }),
  'care is asked before consent': careBeforeConsent,
  'care is not asked for chips': () => unless(noCare(), ({ shown }) => isSale(shown[0])),
  'care is asked for chips only': () => unless(noCare(), ({ shown }) => shown.slice(1).some(isSale)),
  'care is not asked again for what is on the screen': () =>
    unless(noCare(), ({ shown }, { outcomes }) => shown.some((id) => isSale(id) && !outcomes.some(({ actionId }) => actionId === id))),
  'care is not asked on a call without words': () => unless(noCare(), (_, { call }) => call.utterances.length > 0),
  'care names what might be as what is': () => {
    const right = asItIs();
    return (inputs) => {
      const taken = right(inputs);
      return { ...taken, ended: (id) => taken.ended(id).replace('care-unknown', 'care-before-sale') };
    };
  },
};
