/** What a moment looks like to the network that knows its task: what was said, what was done, what a query gave. */
import { nGramGroups, signHash, wordsOf } from '../text/n-grams.ts';
import type { Groups } from '../text/vocabulary.ts';
import type { FlowChart } from './flow-chart.ts';
import type { Moment } from './read-session.ts';
import { piecesOf } from './typed-likeness.ts';

const FORM = { runs: 2, reach: 0, pieces: [3, 4] as [number, number], before: 2 };
const MANY = 8;
const MOST_WORDS = 24;

const isHeld = ([key]: readonly [string, unknown]): boolean => key !== 'APIName' && key !== 'id';

const resultSigns = (result: Moment['result']): readonly string[] => {
  if (result === null) return ['result none'];
  const entries = Object.entries(result).filter(isHeld);
  if (entries.length === 0) return ['result empty'];
  return entries.flatMap(([key, value]) => {
    const words = typeof value === 'string' || typeof value === 'boolean' ? wordsOf(String(value)).slice(0, MOST_WORDS) : [];
    return [`result ${key}`, ...words.map((word) => `result ${key} ${word}`)];
  });
};

/** How much of each value of the last result is in what the customer said. */
const fitSigns = ({ said, standing }: Moment): readonly string[] => {
  if (standing === null || said === '') return [];
  const words = new Set(wordsOf(said));
  return Object.entries(standing)
    .filter(isHeld)
    .flatMap(([key, value]) => {
      const own = wordsOf(String(value)).slice(0, MOST_WORDS);
      if (typeof value === 'object' || own.length === 0) return [];
      const share = own.filter((word) => words.has(word)).length / own.length;
      return [`fits ${key} ${share === 0 ? 'not' : share < 1 ? 'partly' : 'wholly'}`];
    });
};

/** What the moment turns on: the last thing that happened. */
export const sinceLast = ({ said, result, done, spoken }: Moment): string => {
  if (result !== null) return Object.keys(result).filter((key) => key !== 'APIName').length === 0 ? 'empty' : 'result';
  if (said !== '') return spoken === '' ? 'customer' : 'talk';
  return done.length === 0 ? 'start' : spoken === '' ? 'nothing' : 'agent';
};

const TOLD: readonly (readonly [what: string, how: RegExp])[] = [
  ['number', /\d/],
  ['time', /\b\d{1,2}(:\d\d)?\s?([ap]\.?m|o'?clock)|\b(noon|midnight|morning|afternoon|evening|tonight)\b/i],
  ['day', /\b((mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|weekend)\b/i],
  ['date', /\b(january|february|march|april|june|july|august|september|october|november|december)\b|\b\d{1,2}(st|nd|rd|th)\b/i],
  ['name', /\b(my name|name is|name's|this is|i am|i'm|it's) [A-Z]/],
  ['money', /[$€£]|\b(dollars?|bucks|cheap|expensive|price)\b/i],
  ['place', /\b(from|to|at|in|near) (the )?[A-Z]/],
  ['question', /\?/],
  ['thanks', /\bthank/i],
];

/** Kinds of things the customer has told so far, and how often they spoke. */
const toldSigns = ({ said, before }: Moment): readonly string[] => {
  const all = [...before, said];
  return TOLD.flatMap(([what, how]) => {
    const times = all.filter((text) => how.test(text)).length;
    return [...(how.test(said) ? [`now ${what}`] : []), ...(times === 0 ? [] : [`told ${what}`, `told ${what} ${Math.min(3, times)}`])];
  });
};

/** What the agent has typed to find an action. */
const typedSigns = ({ typed, done }: Moment): readonly string[] => {
  if (typed === null) return [];
  const latest = typed.at(-1);
  if (latest === undefined) return ['typed nothing'];
  const last = done.at(-1) ?? '-';
  const words = wordsOf(latest);
  return [
    `typed times ${Math.min(MANY, typed.length)}`,
    ...words.map((word) => `typed ${word}`),
    ...words.map((word, at) => `typed ${word} ${words[at + 1] ?? ''}`),
    ...words.map((word) => `last ${last} typed ${word}`),
    ...words.flatMap((word) => piecesOf(word).map((piece) => `typed piece ${piece}`)),
    ...typed.slice(0, -1).flatMap((text) => wordsOf(text).map((word) => `typed before ${word}`)),
  ];
};

export const momentSigns = (moment: Moment, chart: FlowChart | undefined): Groups => {
  const { task, done, askedBy } = moment;
  const [last = '-', second = '-', third = '-'] = done.toReversed();
  const next = chart?.next.get(last) ?? '-';
  const now = sinceLast(moment);
  const result = resultSigns(moment.result);
  const state = [
    `task ${task}`,
    `last ${last}`,
    `task ${task} last ${last}`,
    `task ${task} last ${last} since ${now}`,
    `last ${last} since ${now}`,
    `second ${second}`,
    `task ${task} last ${last} second ${second}`,
    `last ${last} second ${second} third ${third}`,
    `since ${now}`,
    `next ${next}`,
    `next ${next} since ${now}`,
    `many ${Math.min(MANY, done.length)}`,
    `task ${task} many ${Math.min(MANY, done.length)}`,
    `last ${last} times ${Math.min(MANY, done.filter((action) => action === last).length)}`,
  ];
  const history = [
    ...[...new Set(done)].map((action) => `done ${action}`),
    ...[...new Set(done)].map((action) => `done ${action} last ${last}`),
    ...askedBy.map((name) => `asked by ${name}`),
    ...result,
    ...result.map((sign) => `task ${task} last ${last} ${sign}`),
    ...fitSigns(moment).flatMap((sign) => [sign, `last ${last} ${sign}`]),
    ...wordsOf(moment.spoken)
      .slice(0, MOST_WORDS)
      .map((word) => `spoken ${word}`),
    ...wordsOf(moment.said)
      .slice(0, MOST_WORDS)
      .map((word) => `last ${last} said ${word}`),
  ];
  const told = toldSigns(moment);
  const earlier = moment.before.slice(0, -1).flatMap((text) => wordsOf(text));
  const first = moment.before[0];
  const slots = [
    ...told,
    ...told.map((sign) => `task ${task} ${sign}`),
    ...told.map((sign) => `last ${last} ${sign}`),
    ...earlier.map((word) => `earlier ${word}`),
    ...(first === undefined ? [] : wordsOf(first).map((word) => `first ${word}`)),
  ];
  return [
    ...nGramGroups({ text: moment.said, before: moment.before }, FORM, () => true),
    state.map(signHash),
    history.map(signHash),
    slots.map(signHash),
    typedSigns(moment).map(signHash),
  ];
};
