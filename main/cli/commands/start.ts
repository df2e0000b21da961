import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Script } from '#central/demo/script.ts';
import { decisionLine } from '#main/demonstration/decision-line.ts';
import { type Demonstration, openDemonstration } from '#main/demonstration/demonstration.ts';
import type { DeskLine } from '#main/demonstration/desk-lines.ts';
import { playLive } from '#main/demonstration/play-live.ts';
import { type OnceResult, playOnce } from '#main/demonstration/play-once.ts';
import type { Command, ExitCode, Given } from '../command.ts';
import { home } from '../home.ts';
import { savedOutcomes } from '../saved-outcomes.ts';
import type { Terminal } from '../terminal.ts';

const FIRST_PORT = 47_110;

export const start: Command = {
  summary: 'Run the demonstration: central, simulated calls, the agent’s window',
  positionals: [],
  options: {
    once: { type: 'string', value: 'N', help: 'play N scripted calls headless on a virtual clock, then stop' },
    json: { type: 'boolean', help: 'one JSON object a line; with --once the last one is the result' },
    agent: { type: 'string', value: 'ID', help: 'whose desk it is (default: the agent with the most scripted calls)' },
    script: { type: 'string', value: 'ID', multiple: true, help: 'only these scripted calls, in this order' },
    headless: { type: 'boolean', help: 'no window on the display; without a display it is so anyway' },
    port: { type: 'string', value: 'PORT', help: `central's port (default ${FIRST_PORT})` },
  },
  notes: 'Ctrl-C stops everything. With --once the exit code is 1 when an expected prompt was missing or an outcome was not synced.',
  async run(given, terminal) {
    const once = given.text('once');
    if (once !== undefined && !/^[1-9][0-9]?$/.test(once)) {
      terminal.note(`sotto start: --once "${once}" is not a number of calls from 1 to 99`);
      return 2;
    }
    return once === undefined ? await live(given, terminal) : await scripted(Number(once), given, terminal);
  },
};

/** Prints each decision; JSON or readable. */
const decisions =
  (json: boolean, terminal: Terminal) =>
  (line: DeskLine): void => {
    if (line.sotto === 'decided') void terminal.print(json ? JSON.stringify(line) : decisionLine(line));
    else if (line.sotto === 'engine' && line.state !== 'ready') terminal.note(`engine ${line.state}`);
  };

async function live(given: Given, terminal: Terminal): Promise<ExitCode> {
  const stop = new AbortController();
  const onSignal = (): void => {
    terminal.note('Stopping …');
    stop.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal);
  terminal.note('Starting central …');
  await using demonstration = await openDemonstration({
    folder: home(),
    clock: 'system',
    nowMs: Date.now(),
    port: Number(given.text('port') ?? FIRST_PORT),
  });
  terminal.note(
    `Central is at ${demonstration.central.url}: the last decisions are on /decisions, producers get a token from POST /dev/token {"integration": NAME}.`,
  );
  const chosen = chosenScripts(demonstration, given);
  const scripts = given.list('script').length > 0 ? chosen : opening(chosen);
  const agent = given.text('agent') ?? scripts[0]?.agent ?? '';
  const code = await playLive(demonstration, {
    agent,
    scripts: scripts.filter((script) => script.agent === agent),
    userData: path.join(home(), `desk-${agent}`),
    headless: given.flag('headless') || !hasDisplay(),
    signal: stop.signal,
    onLine: decisions(given.flag('json'), terminal),
    other: (text) => terminal.note(text),
    progress: (text) => terminal.note(text),
  });
  return code === 0 ? 0 : 1;
}

async function scripted(count: number, given: Given, terminal: Terminal): Promise<ExitCode> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sotto-once-'));
  try {
    let result: OnceResult;
    {
      terminal.note('Starting central …');
      await using demonstration = await openDemonstration({ folder, clock: 'virtual', nowMs: Date.now(), port: 0 });
      const scripts = chosenScripts(demonstration, given);
      result = await playOnce(demonstration, {
        scripts: scripts.slice(0, count),
        userDataOf: (agentId) => path.join(folder, `desk-${agentId}`),
        saved: savedOutcomes,
        suffix: 'once',
        onLine: decisions(given.flag('json'), terminal),
        other: (text) => terminal.note(text),
        progress: (text) => terminal.note(text),
      });
    }
    for (const { callId, kind, actionId, detail } of result.violations) terminal.note(`${callId}: ${kind} ${actionId}: ${detail}`);
    for (const missed of result.missedAnswers) terminal.note(`not on screen to be answered: ${missed}`);
    const good =
      result.calls === count &&
      result.violations.length === 0 &&
      result.missedAnswers.length === 0 &&
      result.shown > 0 &&
      result.outcomesSaved === result.outcomesSynced;
    if (given.flag('json')) await terminal.print(JSON.stringify(result));
    else {
      await terminal.print(
        `${result.calls} calls, ${result.events} events, ${result.decisions} decisions: ${result.shown} shown, ${result.refrained} refrained; ` +
          `${result.outcomesSynced} of ${result.outcomesSaved} outcomes at central; ` +
          `${result.learnt.responses} answers learnt from, ${result.learnt.moved.length} propensities moved; event to card p50 ${result.eventToCardMs.p50} ms, p99 ${result.eventToCardMs.p99} ms.`,
      );
    }
    return good ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The named scripts; otherwise those of one agent after the other, the agent with the most first, so that few desks are needed. */
function chosenScripts({ organisation }: Demonstration, given: Given): readonly Script[] {
  const named = given.list('script');
  const { scripts } = organisation;
  if (named.length > 0) {
    return named.map((id) => {
      const script = scripts.find((one) => one.id === id);
      if (script === undefined) throw new Error(`there is no scripted call ${id}; there are ${scripts.map((one) => one.id).join(', ')}`);
      return script;
    });
  }
  const agent = given.text('agent');
  const perAgent = [...Map.groupBy(scripts, (script) => script.agent).values()].toSorted((a, b) => b.length - a.length);
  return perAgent.flat().filter((script) => agent === undefined || script.agent === agent);
}

/** Whoever starts it wants to see a prompt: a call we place needs one at once, while a caller speaks for some seconds first. */
const opening = (scripts: readonly Script[]): readonly Script[] =>
  scripts.toSorted((a, b) => Number(b.direction === 'outbound') - Number(a.direction === 'outbound'));

const hasDisplay = (): boolean => process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
