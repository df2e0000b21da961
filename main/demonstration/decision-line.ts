import type { DecisionLine } from '#contract/engine-port.ts';

const clockOf = (seconds: number): string =>
  `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** One decision as a line for the terminal: time, call and its running time, prompt or refrain, the reason, how long it took. */
export function decisionLine(line: DecisionLine): string {
  const at = new Date(line.atMs).toISOString().slice(11, 19);
  const verdict = line.kind === 'show' ? `show    ${line.what}` : `refrain ${line.what}`;
  const rung = line.rung === 'model' ? '' : ` [${line.rung}]`;
  return `${at}  ${line.callId} ${clockOf(line.callTimeS)}  ${verdict} · ${line.why}${rung} (${(line.micros / 1000).toFixed(1)} ms after ${line.trigger})`;
}
