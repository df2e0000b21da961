/** What crashed processes left behind: a folder of small files with closed fields, the newest of them kept. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { causesOf, CrashReport, type Operation } from '#contract/fault.ts';

/** Below the app's own folder. */
const CRASH_FOLDER = 'crashes';
const MOST_KEPT = 20;
const NAME = /^(\d{13})-(?:main|engine)-\d+\.json$/;

/** Null where it could not be written: there is nobody left to tell, and the first fault is the one that counts. */
export function writeCrash(userData: string, process: CrashReport['process'], operation: Operation, thrown: unknown): string | null {
  const report: CrashReport = { v: 1, atMs: Date.now(), process, operation, causes: [...causesOf(thrown)] };
  try {
    const folder = path.join(userData, CRASH_FOLDER);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = path.join(folder, `${String(report.atMs).padStart(13, '0')}-${process}-${globalThis.process.pid}.json`);
    writeFileSync(file, `${JSON.stringify(report)}\n`, { mode: 0o600 });
    for (const old of crashNames(folder).slice(0, -MOST_KEPT)) rmSync(path.join(folder, old), { force: true });
    return file;
  } catch {
    return null;
  }
}

/** The newest reports, oldest first. What does not fit the schema is counted and not read out: it is not ours, or was changed. */
export function readCrashes(userData: string): { readonly reports: readonly CrashReport[]; readonly unreadable: number } {
  const folder = path.join(userData, CRASH_FOLDER);
  const reports: CrashReport[] = [];
  let unreadable = 0;
  for (const name of crashNames(folder).slice(-MOST_KEPT)) {
    const report = parseCrash(path.join(folder, name));
    if (report === null) unreadable += 1;
    else reports.push(report);
  }
  return { reports, unreadable };
}

/** Deletes what was written before `beforeMs`; returns how many. */
export function dropCrashes(userData: string, beforeMs: number): number {
  const folder = path.join(userData, CRASH_FOLDER);
  const old = crashNames(folder).filter((name) => Number(NAME.exec(name)?.[1]) < beforeMs);
  for (const name of old) rmSync(path.join(folder, name), { force: true });
  return old.length;
}

function crashNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => NAME.test(name))
      .toSorted();
  } catch {
    // No folder: nothing ever crashed.
    return [];
  }
}

function parseCrash(file: string): CrashReport | null {
  try {
    const parsed = CrashReport.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
