/** Processor seconds and memory of processes, as Linux counts them. */
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_S = 100;

const statOf = (pid: number): readonly string[] => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
};

/** Of the process alone. */
export const cpuSecondsOf = (pid: number): number => {
  const stat = statOf(pid);
  return (Number(stat[11] ?? 0) + Number(stat[12] ?? 0)) / TICKS_PER_S;
};

/** Of the process, of those it waited for, and of its living children. */
export function cpuSecondsWithChildren(pid: number): number {
  const stat = statOf(pid);
  const own = [11, 12, 13, 14].reduce((sum, place) => sum + Number(stat[place] ?? 0), 0) / TICKS_PER_S;
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(statOf(Number(name))[1]) === pid);
  return children.reduce((sum, child) => sum + cpuSecondsOf(Number(child)), own);
}

/** Seconds that all cores of the machine worked, whoever for, and seconds there were. */
export function machineSeconds(): { readonly busy: number; readonly all: number } {
  const [, ...times] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/) ?? [];
  const ticks = times.slice(0, 8).map(Number);
  const all = ticks.reduce((sum, each) => sum + each, 0);
  return { busy: (all - (ticks[3] ?? 0) - (ticks[4] ?? 0)) / TICKS_PER_S, all: all / TICKS_PER_S };
}

export const rssBytesOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024;
