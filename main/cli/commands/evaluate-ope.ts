/** What another policy would have earned, from choices whose probabilities were logged. */
import { REWARD_KINDS } from '#contract/learning.ts';
import { type Estimate, type LoggedChoices, offPolicyEstimates } from '#learning';
import type { Command, ExitCode, Given } from '../command.ts';
import { DATA_HELP, type DataFile, missingColumns, openDataFile } from '../datasets/data-file.ts';
import { timeLeft } from '../datasets/time-left.ts';
import { type ChoiceColumns, columnsOf, readLoggedChoices } from '../statistics/logged-choices.ts';
import { fromRecords } from '../statistics/from-records.ts';
import { rounded } from '../statistics/rounded.ts';
import { CONFIDENCE, shareOption } from '../statistics/share-option.ts';
import { TargetPolicy } from '../statistics/target-policy.ts';
import type { Terminal } from '../terminal.ts';

/** Names columns go by where none is given; the second is Open Bandit's. */
const USUAL = {
  reward: ['reward', 'click'],
  probability: ['probability', 'propensity_score'],
  action: ['action', 'item_id'],
  position: ['position'],
} as const;

/** Further from 1 than this many of its standard errors, the mean weight says that the logged probabilities are wrong or leave something out. */
const FAR = 4;

export const evaluateOpe: Command = {
  summary: 'Estimate what another policy would have earned, from logged choices',
  positionals: [],
  options: {
    data: { type: 'string', value: 'FILE', help: DATA_HELP, required: true },
    target: { type: 'string', value: 'FILE', help: 'The other policy as JSON: action_dist[action][position]; instead of a column' },
    reward: { type: 'string', value: 'COLUMN', help: 'What the choice earned; "reward" or "click" where not given' },
    probability: { type: 'string', value: 'COLUMN', help: 'Of the choice as logged; "probability" or "propensity_score"' },
    'target-probability': { type: 'string', value: 'COLUMN', help: 'Of the choice under the other policy; "targetProbability"' },
    'q-logged': { type: 'string', value: 'COLUMN', help: 'What a model expected of the choice; "qLogged"' },
    'q-target': { type: 'string', value: 'COLUMN', help: 'What it expected of the other policy; "qTarget"' },
    action: { type: 'string', value: 'COLUMN', help: 'With --target: number of the action from 0; "action" or "item_id"' },
    position: { type: 'string', value: 'COLUMN', help: 'With --target: its position from 1; "position"' },
    cluster: { type: 'string', value: 'COLUMN', help: 'Rows with the same value resemble each other, such as those of a call' },
    outcomes: {
      type: 'string',
      value: 'FILE',
      help: '--data holds decision records, and this what became of them, one JSON object a line',
    },
    policy: { type: 'string', value: 'DIR', help: 'With --outcomes: folder of the revision the records were taken under' },
    against: { type: 'string', value: 'DIR', help: 'With --outcomes: folder of the other revision' },
    models: { type: 'string', value: 'DIR', help: 'With --outcomes: folder of the model bundles that the records name' },
    earns: { type: 'string', help: 'With --outcomes: whose yes is the reward; agent where not given', oneOf: REWARD_KINDS },
    window: { type: 'string', value: 'DAYS', help: 'With --outcomes: how long what the customer does counts; 14 where not given' },
    'max-weight': { type: 'string', value: 'NUMBER', help: 'Largest weight there can be, if above the largest in the file' },
    confidence: CONFIDENCE,
    json: { type: 'boolean', help: 'Print the estimates as one JSON line' },
  },
  notes:
    'With --outcomes a choice is a decision that brought a card, or could have; probabilities are those of control, throttle and exploration, which follow from the record under each revision, and rows of a call count together. Otherwise a row is one choice: reward, its probability when it was made (above 0), and the probability with which the other policy makes it. DR needs both columns of what a model expected; with --target it uses the mean rewards of the other rows where they are absent. Intervals are of adjusted empirical likelihood: they allow for rows of the largest weight that were not seen.',
  async run(given, terminal) {
    const confidence = shareOption(given, 'confidence', 0.95);
    const maxWeight = Number(given.text('max-weight') ?? '0');
    if (confidence === null || !(maxWeight >= 0)) {
      terminal.note('--confidence must be a number between 0 and 1, and --max-weight a number from 0');
      return 2;
    }
    const choices = given.text('outcomes') === undefined ? await fromRows(given, terminal) : await fromRecords(given, terminal);
    if (typeof choices === 'number') return choices;
    const { rewards, targets } = choices;
    if (rewards.length < 2 || !targets.some((target) => target > 0)) {
      const words =
        rewards.length < 2 ? `has ${rewards.length} rows; two are the least` : 'holds no choice that the other policy would ever make';
      terminal.note(`${given.required('data')} ${words}`);
      return 1;
    }
    const estimates = offPolicyEstimates(choices, { confidence, maxWeight });
    const { n, ips, snips, dr, meanWeight, maxWeight: largest, effectiveRows, weightError } = estimates;
    if (Math.abs(meanWeight - 1) > FAR * weightError)
      terminal.note(
        `The weights should average 1 and average ${rounded(meanWeight)}: the logged probabilities are not those the choices were made with, or leave out what the other policy would do.`,
      );
    if (given.flag('json')) {
      await terminal.print(JSON.stringify(rounded({ n, confidence, ips, snips, dr, meanWeight, maxWeight: largest, effectiveRows })));
      return 0;
    }
    await terminal.print(`${n} choices, worth ${Math.round(effectiveRows)} without weights; intervals of ${confidence * 100} %`);
    for (const [name, estimate] of [['IPS', ips] as const, ['SNIPS', snips] as const, ['DR', dr] as const])
      await terminal.print(words(name, estimate));
    return 0;
  },
};

/** An exit code where there is nothing to estimate from: the terminal has been told why. */
const fromRows = async (given: Given, terminal: Terminal): Promise<LoggedChoices | ExitCode> => {
  const data = await openDataFile(given.required('data'));
  const columns = await chosenColumns(given, data);
  const missing = missingColumns(data, columnsOf(columns));
  if (missing !== null) {
    terminal.note(missing);
    return 2;
  }
  const left = timeLeft();
  return readLoggedChoices(data, columns, (rows) => terminal.progress(`${rows} rows read, ${left(data.share())}`));
};

const words = (name: string, estimate: Estimate | null): string =>
  estimate === null
    ? `  ${name.padEnd(6)} needs qLogged and qTarget`
    : `  ${name.padEnd(6)} ${estimate.estimate.toPrecision(6)}  (${estimate.low.toPrecision(4)} to ${estimate.high.toPrecision(4)})`;

const chosenColumns = async (given: Given, data: DataFile): Promise<ChoiceColumns> => {
  const usual = (option: keyof typeof USUAL): string =>
    given.text(option) ?? USUAL[option].find((name) => data.columns.includes(name)) ?? USUAL[option][0];
  const logged = given.text('q-logged') ?? 'qLogged';
  const target = given.text('q-target') ?? 'qTarget';
  const asksForModel = given.text('q-logged') !== undefined || given.text('q-target') !== undefined;
  const hasModel = data.columns.includes(logged) || data.columns.includes(target);
  const file = given.text('target');
  let other: ChoiceColumns['target'] = given.text('target-probability') ?? 'targetProbability';
  if (file !== undefined) {
    const policy = await TargetPolicy.read(file);
    other = {
      policy,
      action: usual('action'),
      position: policy.places > 1 || given.text('position') !== undefined ? usual('position') : null,
    };
  }
  return {
    reward: usual('reward'),
    probability: usual('probability'),
    target: other,
    expected: asksForModel || hasModel ? { logged, target } : null,
    cluster: given.text('cluster') ?? null,
  };
};
