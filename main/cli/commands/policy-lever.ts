/** Which lever an action needs to win a wanted share of decisions that were taken. */
import { nearestWord } from '../nearest-word.ts';
import { solveLever } from '#policy';
import type { Command } from '../command.ts';
import { MODELS, openQuestion, RECORDS } from '../policy-records/records-question.ts';
import type { VariedDecider } from '../policy-records/varied-decider.ts';

/** Issue, group and action may each weigh 1,000 points. */
const MOST_POINTS = 3_100;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export const policyLever: Command = {
  summary: 'Find the lever with which an action wins a share of decisions',
  positionals: [{ name: 'DIR', help: 'Folder of the revision', required: true }],
  options: {
    records: RECORDS,
    action: { type: 'string', value: 'ID', help: 'The action', required: true },
    target: { type: 'string', value: 'SHARE', help: 'Share of all decisions to be won, as in 0.2', required: true },
    models: MODELS,
    json: { type: 'boolean', help: 'Print the answer as one JSON line' },
  },
  notes:
    'An action wins a decision when it is the card. Each decision is taken again with other levers of this action and everything else as it was. Exits 1 where no lever reaches the target.',
  async run(given, terminal) {
    const target = Number(given.required('target'));
    if (!(target > 0 && target <= 1)) {
      terminal.note(`--target must be a share above 0 and at most 1, not "${given.required('target')}"`);
      return 2;
    }
    const question = await openQuestion(given, terminal);
    if (question === null) return 1;
    const { revision, records } = question;
    const id = given.required('action');
    const action = revision.actions.find((one) => one.id === id);
    if (action === undefined) {
      const near = nearestWord(
        id,
        revision.actions.map((one) => one.id),
      );
      terminal.note(`there is no action "${id}"${near === undefined ? '' : `; did you mean "${near}"?`}`);
      return 2;
    }
    let last: { readonly points: number; readonly decider: VariedDecider } | null = null;
    const deciderAt = (points: number): VariedDecider => {
      if (last?.points === points) return last.decider;
      const actions = revision.actions.map((one) => (one === action ? { ...one, lever: points / 100 } : one));
      last = { points, decider: question.vary({ actions }) };
      terminal.progress(`trying a lever of ${points / 100}`);
      return last.decider;
    };
    const isWon = (decision: number, points: number): boolean => {
      const record = records[decision];
      return record !== undefined && deciderAt(points).shown(record)[0] === id;
    };
    const unchanged = question.vary({});
    const present = records.filter((record) => unchanged.shown(record)[0] === id).length / records.length;
    const { kind, points, share } = solveLever({ decisions: records.length, target, mostPoints: MOST_POINTS, isWon });
    const lever = points / 100;
    const change = points - Math.round(action.lever * 100);
    if (given.flag('json'))
      await terminal.print(
        JSON.stringify({
          actionId: id,
          target,
          reached: kind === 'found',
          lever,
          change,
          share,
          decisions: records.length,
          present: { lever: action.lever, share: present },
        }),
      );
    else {
      await terminal.print(`${id} is the card in ${percent(present)} of ${records.length} decisions with its lever of ${action.lever}`);
      await terminal.print(
        kind === 'found'
          ? `a lever of ${lever} is the least that reaches ${percent(target)}: it gives ${percent(share)}; ${change < 0 ? `take ${-change} points from` : `add ${change} points to`} its weight`
          : `no lever reaches ${percent(target)}: the largest share there is, is ${percent(share)}, from a lever of ${lever} on; its conditions, limits and what interrupting costs keep it from the rest`,
      );
    }
    return kind === 'found' && !question.isPartial ? 0 : 1;
  },
};
