/** The arbitration of decisions that were taken: where every action ended, and its factors where it came that far. */
import type { Verdict } from '#contract/decision.ts';
import type { Command } from '../command.ts';
import { MODELS, openQuestion, RECORDS } from '../policy-records/records-question.ts';

export const explain: Command = {
  summary: 'Show where every action of a decision ended, and its factors',
  positionals: [{ name: 'DIR', help: 'Folder of the revision', required: true }],
  options: {
    records: RECORDS,
    models: MODELS,
    decision: { type: 'string', value: 'ID', help: 'Only this decision' },
    action: { type: 'string', value: 'ID', help: 'Only this action' },
    json: { type: 'boolean', help: 'One JSON line per decision: its id and the verdict on every action' },
  },
  notes: 'Decides again from the record alone: nothing is stored, and no model learns from it. Ranked actions come first.',
  async run(given, terminal) {
    const question = await openQuestion(given, terminal);
    if (question === null) return 1;
    const [decision, action] = [given.text('decision'), given.text('action')];
    if (action !== undefined && !question.revision.actions.some(({ id }) => id === action)) {
      terminal.note(`the revision has no action "${action}"`);
      return 1;
    }
    const decider = question.vary({});
    const asked = question.records.filter(({ id }) => decision === undefined || id === decision);
    if (asked.length === 0) {
      terminal.note(`there is no decision "${decision ?? ''}" among the records`);
      return 1;
    }
    for (const record of asked) {
      const verdicts = decider.explain(record).filter(({ actionId }) => action === undefined || actionId === action);
      if (given.flag('json')) await terminal.print(JSON.stringify({ decision: record.id, verdicts }));
      else {
        await terminal.print(`${record.id}: ${record.result.kind === 'show' ? 'showed' : 'refrained'}, ${record.rung}`);
        await terminal.print(HEAD);
        for (const verdict of verdicts.toSorted(byRank)) await terminal.print(row(verdict));
      }
    }
    return question.isPartial ? 1 : 0;
  },
};

const NAME = 28;
const NUMBER = 10;
const HEAD = `  ${'action'.padEnd(NAME)}${['rank', 'P', 'C', 'V', 'L', 'priority'].map((name) => name.padStart(NUMBER)).join('')}  ended`;

const byRank = (one: Verdict, other: Verdict): number => (one.factors?.rank ?? Infinity) - (other.factors?.rank ?? Infinity) || 0;

function row({ actionId, stage, code, condition, by, factors }: Verdict): string {
  const numbers = factors === null ? [] : [factors.propensity, factors.contextWeight, factors.value, factors.lever, factors.priority];
  const rank = factors === null ? '' : String(factors.rank);
  const columns = [rank, ...(numbers.length === 0 ? Array.from({ length: 5 }, () => '') : numbers.map((number) => shortly(number)))];
  const because = condition === null ? (by ?? '') : `${condition.text} (${condition.file}:${condition.line})`;
  return `  ${actionId.padEnd(NAME)}${columns.map((column) => column.padStart(NUMBER)).join('')}  ${stage}/${code}${because === '' ? '' : `: ${because}`}`;
}

const shortly = (number: number): string => String(Number(number.toPrecision(5)));
