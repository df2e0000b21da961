/** Logged choices from a data file: rewards, probabilities, and what another policy would have done. */
import { type LoggedChoices, meanRewards } from '#learning';
import type { DataFile } from '../datasets/data-file.ts';
import { NumberColumn } from './number-column.ts';
import type { TargetPolicy } from './target-policy.ts';
import { ValueCodes } from './value-codes.ts';

export interface ChoiceColumns {
  readonly reward: string;
  readonly probability: string;
  /** Column of the other policy's probability, or the policy with the columns of action and position. */
  readonly target: string | { readonly policy: TargetPolicy; readonly action: string; readonly position: string | null };
  readonly expected: { readonly logged: string; readonly target: string } | null;
  /** Rows with the same value resemble each other; null = every row is its own. */
  readonly cluster: string | null;
}

/** Every column that must be there. */
export const columnsOf = ({ reward, probability, target, expected, cluster }: ChoiceColumns): readonly string[] => [
  reward,
  probability,
  ...(typeof target === 'string' ? [target] : [target.action, ...(target.position === null ? [] : [target.position])]),
  ...(expected === null ? [] : [expected.logged, expected.target]),
  ...(cluster === null ? [] : [cluster]),
];

export const readLoggedChoices = async (data: DataFile, columns: ChoiceColumns, onRow: (rows: number) => void): Promise<LoggedChoices> => {
  const { target, expected } = columns;
  const { file } = data;
  const at = (name: string): number => data.columns.indexOf(name);
  const rewards = new NumberColumn(file, columns.reward);
  const probabilities = new NumberColumn(file, columns.probability, { least: 0, most: 1, above: true });
  const targets = new NumberColumn(file, typeof target === 'string' ? target : target.action, {
    least: 0,
    most: typeof target === 'string' ? 1 : Infinity,
  });
  const places = new NumberColumn(file, typeof target === 'string' ? '' : (target.position ?? ''), { least: 1 });
  const logged = expected === null ? null : { at: at(expected.logged), column: new NumberColumn(file, expected.logged) };
  const ofTarget = expected === null ? null : { at: at(expected.target), column: new NumberColumn(file, expected.target) };
  const rewardAt = at(columns.reward);
  const probabilityAt = at(columns.probability);
  const targetAt = at(typeof target === 'string' ? target : target.action);
  const placeAt = typeof target === 'string' || target.position === null ? -1 : at(target.position);
  const clusters = new ValueCodes();
  const clusterAt = columns.cluster === null ? -1 : at(columns.cluster);
  let rows = 0;
  for await (const { line, fields } of data.rows) {
    rewards.add(fields[rewardAt] ?? '', line);
    probabilities.add(fields[probabilityAt] ?? '', line);
    targets.add(fields[targetAt] ?? '', line);
    if (placeAt >= 0) places.add(fields[placeAt] ?? '', line);
    if (logged !== null) logged.column.add(fields[logged.at] ?? '', line);
    if (ofTarget !== null) ofTarget.column.add(fields[ofTarget.at] ?? '', line);
    if (clusterAt >= 0) clusters.add(fields[clusterAt] ?? '');
    if (++rows % 1_000 === 0) onRow(rows);
  }
  const read = { rewards: rewards.values, probabilities: probabilities.values, clusters: clusterAt < 0 ? null : clusters.codes };
  const given = logged === null || ofTarget === null ? null : { logged: logged.column.values, target: ofTarget.column.values };
  if (typeof target === 'string') return { ...read, targets: targets.values, expected: given };
  const actions = Int32Array.from(targets.values);
  const positions = placeAt < 0 ? new Int32Array(rows).fill(1) : Int32Array.from(places.values);
  const { policy } = target;
  return {
    ...read,
    targets: Float64Array.from(actions, (action, i) => policy.probability(action, positions[i] ?? 0)),
    expected:
      given ??
      meanRewards(
        { rewards: read.rewards, actions, places: positions.map((place) => place - 1) },
        policy.actions,
        policy.places,
        (action, place) => policy.probability(action, place + 1),
      ),
  };
};
