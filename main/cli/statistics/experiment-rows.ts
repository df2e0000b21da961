/** An experiment's rows from a data file. */
import type { ExperimentRows, Metric } from '#learning';
import { DataFileFault } from '../datasets/data-file-fault.ts';
import type { DataFile } from '../datasets/data-file.ts';
import { NumberColumn } from './number-column.ts';
import { ValueCodes } from './value-codes.ts';

export interface ExperimentColumns {
  readonly arm: string;
  readonly metrics: readonly Pick<Metric, 'name' | 'guardrail'>[];
  /** What was assigned as one; null = each row by itself. */
  readonly cluster: string | null;
  readonly covariate: string | null;
}

export const columnsOf = ({ arm, metrics, cluster, covariate }: ExperimentColumns): readonly string[] =>
  [arm, ...metrics.map(({ name }) => name), cluster, covariate].filter((name) => name !== null);

/** More arms than this are a wrong column. */
const MOST_ARMS = 32;

/** Throws a DataFileFault for cells that are no numbers, for rows without an arm, and for what was assigned as one and lies in two arms. */
export const readExperimentRows = async (
  data: DataFile,
  columns: ExperimentColumns,
  onRow: (rows: number) => void,
): Promise<ExperimentRows> => {
  const { file } = data;
  const at = (name: string): number => data.columns.indexOf(name);
  const armAt = at(columns.arm);
  const arms = new ValueCodes();
  const metrics = columns.metrics.map(({ name, guardrail }) => ({ name, guardrail, at: at(name), column: new NumberColumn(file, name) }));
  const covariate = columns.covariate === null ? null : { at: at(columns.covariate), column: new NumberColumn(file, columns.covariate) };
  const clusters = columns.cluster === null ? null : { name: columns.cluster, at: at(columns.cluster), codes: new ValueCodes() };
  let rows = 0;
  for await (const { line, fields } of data.rows) {
    const arm = (fields[armAt] ?? '').trim();
    if (arm === '') throw new DataFileFault(file, `line ${line}, column "${columns.arm}": is empty; every row is of an arm`);
    arms.add(arm);
    if (arms.names.length > MOST_ARMS)
      throw new DataFileFault(file, `column "${columns.arm}" has more than ${MOST_ARMS} different values; is it the arm?`);
    for (const metric of metrics) metric.column.add(fields[metric.at] ?? '', line);
    if (covariate !== null) covariate.column.add(fields[covariate.at] ?? '', line);
    if (clusters !== null) {
      const name = (fields[clusters.at] ?? '').trim();
      if (name === '') throw new DataFileFault(file, `line ${line}, column "${clusters.name}": is empty; every row belongs to one`);
      clusters.codes.add(name);
    }
    if (++rows % 1_000 === 0) onRow(rows);
  }
  const ofArm = Uint8Array.from(arms.codes);
  const ofCluster = clusters?.codes.codes ?? null;
  if (ofCluster !== null) {
    const torn = tornClusters(ofArm, ofCluster);
    if (torn > 0)
      throw new DataFileFault(
        file,
        `${torn} values of column "${columns.cluster ?? ''}" have rows in more than one arm: they were not assigned as one, or the column is another`,
      );
  }
  return {
    arms: arms.names,
    ofArm,
    metrics: metrics.map(({ name, guardrail, column }) => ({ name, guardrail, values: column.values })),
    clusters: ofCluster,
    covariate: covariate?.column.values ?? null,
  };
};

const tornClusters = (ofArm: Uint8Array, clusters: Int32Array): number => {
  const armOf = new Map<number, number>();
  const torn = new Set<number>();
  for (const [row, cluster] of clusters.entries()) {
    const arm = ofArm[row] ?? 0;
    const known = armOf.get(cluster);
    if (known === undefined) armOf.set(cluster, arm);
    else if (known !== arm) torn.add(cluster);
  }
  return torn.size;
};
