/** Recorded sessions of agents, and the flow charts of their tasks. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { SessionRecord } from '#contract/recorded-session.ts';
import { FlowChartFile } from '#contract/text-model.ts';
import { readSession, type Session } from '#learning';
import { DataFileFault } from './data-file-fault.ts';
import { jsonValues } from './json-values.ts';
import { openTextFile } from './text-file.ts';

/** What `--data` takes where sessions are meant, in the help of a command. */
export const SESSIONS_HELP = 'Recorded sessions as JSON objects one a line, in the form of the STAR corpus; plain or gzipped';

/** More sessions than this do not fit in memory with what training needs beside them. */
const MOST_SESSIONS = 100_000;

export interface SessionsFile {
  readonly sessions: readonly Session[];
  readonly sha256: string;
  /** Sessions left out because there are too many. */
  readonly leftOut: number;
}

/** Throws a DataFileFault where a line is no session. `onSession` is told the share read, 0 … 1. */
export const readSessions = async (file: string, onSession: (share: number) => void = () => {}): Promise<SessionsFile> => {
  const text = await openTextFile(file);
  const sessions: Session[] = [];
  let leftOut = 0;
  for await (const { line, value } of jsonValues(file, text.pieces, '{')) {
    const parsed = SessionRecord.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new DataFileFault(file, `line ${line} is no recorded session: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
    }
    if (sessions.length < MOST_SESSIONS) sessions.push(readSession(parsed.data));
    else leftOut += 1;
    onSession(text.bytesRead() / Math.max(1, text.bytes));
  }
  if (sessions.length === 0) throw new DataFileFault(file, 'holds no session');
  return { sessions, sha256: text.sha256(), leftOut };
};

/** Every `*.json` of a folder, by its name and by the name it gives the task. Throws a DataFileFault where one is no flow chart. */
export const readFlowCharts = async (folder: string): Promise<Readonly<Record<string, FlowChartFile>>> => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted();
  if (names.length === 0) throw new DataFileFault(folder, 'holds no flow chart (*.json)');
  const charts: Record<string, FlowChartFile> = {};
  for (const name of names) {
    const file = path.join(folder, name);
    let value: unknown;
    try {
      value = JSON.parse(await readFile(file, 'utf8'));
    } catch (error) {
      throw new DataFileFault(file, 'is no JSON', { cause: error });
    }
    const parsed = FlowChartFile.safeParse(value);
    if (!parsed.success) throw new DataFileFault(file, 'is no flow chart: it needs a task, replies by name, and a graph from name to name');
    const chart = { task: parsed.data.task, replies: parsed.data.replies, graph: parsed.data.graph };
    charts[parsed.data.task] ??= chart;
    charts[path.basename(name, '.json')] = chart;
  }
  return charts;
};
