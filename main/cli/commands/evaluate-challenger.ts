/** Whether a challenger foretells answers better than the champion, from decisions that both scored. */
import { REWARD_KINDS } from '#contract/learning.ts';
import { challengeOf } from '#learning';
import type { Command } from '../command.ts';
import { readRecords } from '../policy-records/read-records.ts';
import { readPolicy } from '../read-policy.ts';
import { challengeRows } from '../statistics/challenge-rows.ts';
import { readOutcomes } from '../statistics/outcome-file.ts';
import { rounded } from '../statistics/rounded.ts';

const DAY_MS = 86_400_000;

export const evaluateChallenger: Command = {
  summary: 'Compare champion and challenger on the decisions that both scored',
  positionals: [],
  options: {
    data: { type: 'string', value: 'FILE', help: 'Decision records, one a line', required: true },
    outcomes: { type: 'string', value: 'FILE', help: 'What became of them, one JSON object a line', required: true },
    policy: { type: 'string', value: 'DIR', help: 'Folder of the revision they were taken under', required: true },
    earns: { type: 'string', help: 'Whose yes is foretold; agent where not given', oneOf: REWARD_KINDS },
    window: { type: 'string', value: 'DAYS', help: 'How long what the customer does counts; 14 where not given' },
    json: { type: 'boolean', help: 'Print the comparison as one JSON line' },
  },
  notes:
    'A row is a card that was answered and that both models scored, whichever of them decided; "logLossGain" is how much less a row costs with the challenger, and the verdict is "better" or "worse" only where its interval excludes zero. What the challenger brought on the calls it decided is told by "sotto experiment analyse --outcomes".',
  async run(given, terminal) {
    const windowDays = Number(given.text('window') ?? 14);
    if (!(windowDays > 0)) {
      terminal.note('--window must be a number of days above 0');
      return 2;
    }
    const policy = await readPolicy(given.required('policy'));
    if (!policy.ok) {
      for (const fault of policy.faults) terminal.note(fault);
      return 1;
    }
    const { hash, actions } = policy.revision;
    const { records } = await readRecords(given.required('data'), hash, terminal);
    const outcomes = await readOutcomes(given.required('outcomes'), terminal);
    const { pairs, decisions } = challengeRows(
      records,
      outcomes,
      actions.map(({ id }) => id),
      { kind: REWARD_KINDS.find((kind) => kind === given.text('earns')) ?? 'agent', windowMs: windowDays * DAY_MS },
    );
    const compared = pairs.flatMap(({ champion, challenger, rows, championPropensities }) => {
      const positives = rows.filter(({ isPositive }) => isPositive).length;
      if (positives === 0 || positives === rows.length) {
        terminal.note(
          `${challenger.slice(0, 12)} beside ${champion.slice(0, 12)}: ${rows.length} answers, ${positives} of them yes; both are needed`,
        );
        return [];
      }
      return [{ champion, challenger, n: rows.length, positives, ...challengeOf(rows, championPropensities) }];
    });
    if (compared.length === 0) {
      terminal.note(`${given.required('data')} holds no two models to compare: decisions need scores of both, and answers`);
      return 1;
    }
    if (given.flag('json')) {
      await terminal.print(JSON.stringify(rounded({ decisions, pairs: compared })));
      return 0;
    }
    const { challenger, fellBack, champion, withoutShadow } = decisions;
    await terminal.print(
      `${challenger} decisions of the challenger, ${fellBack} that the champion took in its place, ${champion + withoutShadow} of the champion, ${withoutShadow} of them without the challenger's scores`,
    );
    for (const one of compared) {
      const { low, high } = one.logLossGainInterval;
      await terminal.print(
        `${one.challenger.slice(0, 12)} is ${one.verdict} beside ${one.champion.slice(0, 12)} on ${one.n} answers: AUC ${one.auc.toFixed(4)} (${one.championAuc.toFixed(4)}), log loss ${one.logLoss.toFixed(4)} (${one.championLogLoss.toFixed(4)}), gain ${one.logLossGain.toPrecision(3)} (${low.toPrecision(3)} to ${high.toPrecision(3)})`,
      );
    }
    return 0;
  },
};
