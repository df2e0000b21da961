/**
 * What can be said of an action without knowing its task: where it stands in the flow chart beside what was done, what kind of
 * action its name and words make it, and how they fit what the customer said and a query gave. Names of tasks and of their own
 * actions never are signals, so that what is learnt holds for a task never seen.
 */
import { signHash, wordsOf } from '../text/n-grams.ts';
import type { ChartOptions } from './chart-options.ts';
import type { FlowChart } from './flow-chart.ts';
import { sinceLast } from './moment-signs.ts';
import type { Moment } from './read-session.ts';

/** Words of action names that mean the same in every task, the most telling first. */
const KINDS = (
  'hello goodbye bye anything scope nothing query book check confirm successful succeeded success failed failure unavailable ' +
  'available name ask inform provide done'
).split(' ');

const kindOf = (action: string | undefined): string => {
  if (action === undefined) return 'none';
  const words = action.split(/[^a-z0-9]+/i);
  const kinds = KINDS.filter((kind) => words.includes(kind));
  return kinds.length === 0 ? 'other' : kinds.slice(0, 3).join('-');
};

const STOP = new Set(
  'a an the is it to of and or i you your my me for in on at be do have can will that this with am are please'.split(' '),
);
const telling = (text: string): ReadonlySet<string> =>
  new Set(wordsOf(text.replaceAll(/[_{}:]/g, ' ')).filter((word) => word.length > 1 && !STOP.has(word)));

/** Share of `some` that is in `other`, in four steps; "-" where there is nothing to compare. */
const overlap = (some: ReadonlySet<string>, other: ReadonlySet<string>): string => {
  if (some.size === 0 || other.size === 0) return '-';
  const share = [...some].filter((word) => other.has(word)).length / some.size;
  return share === 0 ? '0' : share < 0.34 ? '1' : share < 0.75 ? '2' : '3';
};

const plainName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z]/g, '');

/** Share of the gaps in an action's words that a result fills. */
const filled = (words: string, result: Moment['result']): string => {
  const gaps = [...words.matchAll(/\{([^}:]+)/g)].map(([, name = '']) => plainName(name));
  if (gaps.length === 0) return 'none';
  if (result === null) return 'no-result';
  const keys = Object.keys(result).map(plainName);
  const share = gaps.filter((gap) => keys.some((key) => key.includes(gap) || gap.includes(key))).length / gaps.length;
  return share === 0 ? '0' : share < 1 ? 'some' : 'all';
};

/** Steps along the chart from one action to another; null = not along it. */
const stepsAlong = ({ next }: FlowChart, from: string, to: string): number | null => {
  let at: string | undefined = from;
  for (let steps = 1; steps <= 4; steps++) {
    at = next.get(at ?? '');
    if (at === undefined) return null;
    if (at === to) return steps;
  }
  return null;
};

const relation = (chart: FlowChart, from: string | undefined, to: string): string => {
  if (from === undefined) return 'start';
  if (from === to) return 'same';
  const ahead = stepsAlong(chart, from, to);
  if (ahead !== null) return `+${ahead}`;
  const back = stepsAlong(chart, to, from);
  if (back !== null) return back === 1 ? '-1' : '-n';
  return chart.condition.has(to) ? 'if' : 'off';
};

const resultWords = (result: Moment['result']): ReadonlySet<string> =>
  telling(
    Object.entries(result ?? {})
      .filter(([key]) => key !== 'APIName' && key !== 'id')
      .filter(([, value]) => typeof value === 'string' && value.length <= 60)
      .map(([, value]) => String(value))
      .join(' '),
  );

/** What is true of every action at this moment. */
interface Setting {
  readonly since: string;
  readonly previous: string;
  readonly before: string;
  readonly said: ReadonlySet<string>;
  readonly found: ReadonlySet<string>;
  readonly onChart: string | undefined;
  readonly times: ReadonlyMap<string, number>;
  readonly frontier: string | undefined;
  readonly progress: string;
}

const settingOf = (chart: FlowChart, moment: Moment): Setting => {
  const { said, done, result } = moment;
  const times = new Map<string, number>();
  for (const action of done) times.set(action, (times.get(action) ?? 0) + 1);
  // The first action of the chart, in its order, that comes after something done and has not been done itself.
  const order = [...chart.next.values()];
  const last = done.findLast((action) => chart.next.has(action) || order.includes(action));
  let frontier = last === undefined ? chart.actions[0] : chart.next.get(last);
  for (let steps = 0; frontier !== undefined && times.has(frontier) && steps < 20; steps++) frontier = chart.next.get(frontier);
  return {
    since: sinceLast(moment),
    previous: kindOf(done.at(-1)),
    before: kindOf(done.at(-2)),
    said: telling(said),
    found: resultWords(result),
    onChart: last,
    times,
    frontier,
    progress: done.length < 4 ? String(done.length) : done.length < 8 ? '4' : '8',
  };
};

/** A place among the likest, and how like: what was typed speaks for the likest action the more the likelier it stands out. */
const typedSignals = (likenesses: readonly number[], at: number, kind: string, since: string): readonly string[] => {
  const own = likenesses[at] as number;
  const likelier = likenesses.filter((other) => other > own).length;
  const rank = own === 0 ? 'none' : likelier < 3 ? String(likelier + 1) : 'far';
  const much = String(Math.min(5, Math.ceil(own * 6)));
  const nextLikest = likenesses.reduce((most, other, place) => (place === at ? most : Math.max(most, other)), 0);
  const ahead = rank !== '1' ? 'no' : own - nextLikest < 0.1 ? 'little' : own - nextLikest < 0.3 ? 'some' : 'far';
  return [
    `typed rank ${rank}`,
    `typed rank ${rank} like ${much}`,
    `typed rank ${rank} like ${much} ahead ${ahead}`,
    `typed rank ${rank} kind ${kind}`,
    `typed rank ${rank} ahead ${ahead} kind ${kind}`,
    `typed rank ${rank} since ${since}`,
  ];
};

/** Signals of each of these actions, as hashes. */
export const chartSignals = ({ chart, actions, likeness }: ChartOptions, moment: Moment): readonly (readonly number[])[] => {
  const setting = settingOf(chart, moment);
  const { since, previous, before, said, found, onChart, times, frontier, progress } = setting;
  const customerWords = [...said].slice(0, 30);
  const typed = moment.typed === null ? null : (moment.typed.at(-1) ?? '');
  const likenesses = typed === null || typed === '' ? null : likeness.to(typed);
  const typedWords = typed === null ? [] : [...telling(typed)].slice(0, 12);
  return actions.map((action, place) => {
    const words = chart.words.get(action) ?? '';
    const kind = kindOf(action);
    const edge = relation(chart, onChart, action);
    const edgeOfLast = relation(chart, moment.done.at(-1), action);
    const used = Math.min(2, times.get(action) ?? 0);
    const front = action === frontier ? 'front' : frontier !== undefined && chart.next.get(frontier) === action ? 'front+1' : 'no';
    const nodeWords = telling(
      `${action} ${words} ${chart.condition.get(action) ?? ''} ${chart.words.get(chart.condition.get(action) ?? '') ?? ''}`,
    );
    const conditionWords = telling(chart.words.get(chart.condition.get(action) ?? '') ?? '');
    const fits = overlap(found, nodeWords);
    const gaps = filled(words, moment.result);
    const echoes = overlap(said, nodeWords);
    const isOnChart = chart.words.has(action);
    const part = !isOnChart ? 'none' : place < actions.length / 3 ? 'early' : place < (2 * actions.length) / 3 ? 'middle' : 'late';
    return [
      `kind ${kind}`,
      `kind ${kind} since ${since}`,
      `kind ${kind} after ${previous}`,
      `kind ${kind} after ${previous} since ${since}`,
      `kind ${kind} after ${before} ${previous} since ${since}`,
      `kind ${kind} used ${used} since ${since}`,
      `kind ${kind} progress ${progress} since ${since}`,
      `edge ${edge} since ${since}`,
      `edge ${edge} since ${since} used ${used}`,
      `edge ${edge} kind ${kind} since ${since}`,
      `edge ${edgeOfLast} of last since ${since} after ${previous}`,
      `edge ${edgeOfLast} of last used ${used} progress ${progress}`,
      `front ${front} since ${since}`,
      `front ${front} since ${since} used ${used} progress ${progress}`,
      `front ${front} kind ${kind} since ${since} after ${previous}`,
      `part ${part} progress ${progress} used ${used}`,
      `fits ${fits} since ${since} kind ${kind}`,
      `fits ${fits} after ${previous}`,
      `if ${overlap(conditionWords, found)} since ${since} after ${previous}`,
      `gaps ${gaps} since ${since}`,
      `gaps ${gaps} since ${since} kind ${kind} after ${previous}`,
      `echoes ${echoes} since ${since} kind ${kind}`,
      `echoes ${echoes} edge ${edge} used ${used}`,
      ...customerWords.map((word) => `kind ${kind} said ${word}`),
      ...customerWords.slice(0, 12).map((word) => `edge ${edge} said ${word}`),
      ...(typed === '' ? [`kind ${kind} typed nothing`, `kind ${kind} typed nothing since ${since} after ${previous}`] : []),
      ...(likenesses === null ? [] : typedSignals(likenesses, place, kind, since)),
      ...typedWords.map((word) => `kind ${kind} typed ${word}`),
      ...[...found].slice(0, 12).map((word) => `kind ${kind} found ${word}`),
    ].map(signHash);
  });
};
