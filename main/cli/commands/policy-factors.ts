/** How much each factor of the priority decides: what is won and lost where it is switched off. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { DecisionRecord } from '#contract/decision-record.ts';
import type { Command } from '../command.ts';
import { MODELS, openQuestion, RECORDS } from '../policy-records/records-question.ts';

const FACTORS = ['propensity', 'context', 'value', 'lever'] as const;
const ALL: NonNullable<CheckedRevision['factors']> = { propensity: true, context: true, value: true, lever: true };
/** A context weight that is switched off is not even asked for, and then a record would hold other things: so it weighs nothing instead. */
const switchedOff = (revision: CheckedRevision, factor: (typeof FACTORS)[number]): Partial<CheckedRevision> =>
  factor === 'context'
    ? { actions: revision.actions.map((action) => ({ ...action, context: action.context.map((one) => ({ ...one, weight: 0 })) })) }
    : { factors: { ...(revision.factors ?? ALL), [factor]: false } };

/** What maybe-later adds is part of the context weight. */
const withoutInfluence = (record: DecisionRecord): DecisionRecord => ({ ...record, inputs: { ...record.inputs, influence: [] } });

/** Actions named per factor in plain words. */
const NAMED = 5;

export const policyFactors: Command = {
  summary: 'Tell how many decisions each factor of the priority changes',
  positionals: [{ name: 'DIR', help: 'Folder of the revision', required: true }],
  options: {
    records: RECORDS,
    models: MODELS,
    json: { type: 'boolean', help: 'Print one JSON line with every action' },
  },
  notes: 'Each decision is taken again with one factor counting as 1. An action wins a decision when it is the card.',
  async run(given, terminal) {
    const question = await openQuestion(given, terminal);
    if (question === null) return 1;
    const { revision, records } = question;
    const on = revision.factors ?? ALL;
    const unchanged = question.vary({});
    const cards = records.map((record) => unchanged.shown(record)[0] ?? null);
    const factors = FACTORS.filter((factor) => on[factor]).map((factor) => {
      terminal.progress(`deciding without ${factor}`);
      const without = question.vary(switchedOff(revision, factor));
      const wins = new Map<string, number>();
      let different = 0;
      for (const [place, record] of records.entries()) {
        const was = cards[place] ?? null;
        const is = without.shown(factor === 'context' ? withoutInfluence(record) : record)[0] ?? null;
        if (was === is) continue;
        different += 1;
        if (was !== null) wins.set(was, (wins.get(was) ?? 0) - 1);
        if (is !== null) wins.set(is, (wins.get(is) ?? 0) + 1);
      }
      const actions = [...wins]
        .filter(([, change]) => change !== 0)
        .toSorted((a, b) => Math.abs(b[1]) - Math.abs(a[1]) || (a[0] < b[0] ? -1 : 1))
        .map(([actionId, change]) => ({ actionId, wins: change }));
      return { factor, different, actions };
    });
    if (given.flag('json')) await terminal.print(JSON.stringify({ decisions: records.length, factors }));
    else {
      await terminal.print(`${records.length} decisions, each taken again without one factor`);
      for (const { factor, different, actions } of factors) {
        const named = actions.slice(0, NAMED).map(({ actionId, wins }) => `${actionId} ${wins > 0 ? '+' : '−'}${Math.abs(wins)}`);
        const more = actions.length > NAMED ? `, ${actions.length - NAMED} more` : '';
        await terminal.print(
          `  without ${factor.padEnd(10)} ${different} have another card${named.length === 0 ? '' : `: ${named.join(', ')}${more}`}`,
        );
      }
    }
    return question.isPartial ? 1 : 0;
  },
};
