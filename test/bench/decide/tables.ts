/** The figures for people. */
import type { BenchResult, Growth, SizeResult } from './result.ts';

const cell = (value: number | string, width: number): string => String(value).padStart(width);

const sizeTable = (title: string, { us, timesFaster, ratioToFloor, eligible, recordBytes }: SizeResult): string =>
  [
    `${title}: ${eligible} eligible on average, record ${recordBytes.median} bytes (p99 ${recordBytes.p99})`,
    `  ${'µs a decision'.padEnd(20)}${cell('p50', 12)}${cell('p99', 12)}${cell('p99.9', 12)}`,
    ...Object.entries(us).map(([name, { p50, p99, p999 }]) => {
      const compared =
        name === 'sotto' ? `  ${ratioToFloor} × the floor` : name in timesFaster ? `  Sotto is ${timesFaster[name]} times as fast` : '';
      return `  ${name.padEnd(20)}${cell(p50, 12)}${cell(p99, 12)}${cell(p999, 12)}${compared}`;
    }),
  ].join('\n');

const growthTable = (title: string, { rows, sotto, ratio }: Growth): string =>
  [
    `${title}: Sotto × ${sotto}, its ratio to the floor × ${ratio}`,
    `  ${cell('', 8)}${cell('floor µs', 12)}${cell('sotto µs', 12)}${cell('ratio', 10)}`,
    ...rows.map(
      ({ at, floorUs, sottoUs, ratioToFloor }) => `  ${cell(at, 8)}${cell(floorUs, 12)}${cell(sottoUs, 12)}${cell(ratioToFloor, 10)}`,
    ),
  ].join('\n');

export function tables({ sizes, selective, unseen, growth, gc, tail, explain, whatIf, load }: BenchResult): string {
  const { actions, profiles, history } = growth;
  const from = actions.rows[0]?.at;
  const to = actions.rows.at(-2)?.at;
  return [
    ...Object.entries(sizes).map(([size, result]) => sizeTable(`${size} actions`, result)),
    sizeTable('Selective policy', selective),
    sizeTable('Every decision the first about its customer', unseen),
    `${growthTable('Actions (the last two compared)', actions)}\n  from ${from} to ${to}: × ${actions.times}, in proportion × ${actions.linear}`,
    growthTable('Customers on the desk', profiles),
    growthTable('Interactions in the history', history),
    `Garbage collections: ${gc.collections} in ${gc.decisions} decisions, ${gc.perThousand} in 1,000, longest ${gc.longestMs} ms`,
    `Slowest: p99.9 ${tail.sotto.p999} µs at p50 ${tail.sotto.p50} µs; floor p99.9 ${tail.floor.p999} µs at p50 ${tail.floor.p50} µs`,
    `Explaining one action, deciding again included: p50 ${explain.p50Ms} ms, p99 ${explain.p99Ms} ms`,
    `What would change it: p50 ${whatIf.p50Ms} ms, p99 ${whatIf.p99Ms} ms, worst ${whatIf.worstMs} ms; decided again ${whatIf.reruns.p50} times at the median, ${whatIf.reruns.most} at most; found for ${whatIf.foundShare} of all`,
    `Loading a revision cold: ${load.coldMs} ms (checks ${load.checkMs} ms, compiling ${load.compileMs} ms)`,
  ].join('\n\n');
}

/** One line for programs: figures by number of actions, and what else was measured. */
export function resultLine({ sizes, growth, ...others }: BenchResult): string {
  const grown = growth.actions.rows.map(({ at, ratioToFloor }) => [at, { ratioToFloor }] as const);
  return JSON.stringify({ ...Object.fromEntries(grown), ...sizes, growth, ...others });
}
