/** Recorded call events through the whole engine, headless and as fast as it goes. */
import path from 'node:path';
import { type CallEvent, eventAtMs } from '#contract/call-events.ts';
import type { DecisionLine } from '#contract/engine-port.ts';
import { decisionLine } from '#main/demonstration/decision-line.ts';
import type { Command } from '../command.ts';
import { readLines } from '../recordings/read-text.ts';
import { CallIntake } from '../replay/call-intake.ts';
import { ReplayCounts } from '../replay/replay-counts.ts';
import { ReplayDesk } from '../replay/replay-desk.ts';
import { temporaryFolder } from '../replay/temporary-folder.ts';
import type { Terminal } from '../terminal.ts';

const DEMONSTRATION = path.join(import.meta.dirname, '..', '..', '..', 'central', 'demo');
/** At most this many refused lines are named; all are counted. */
const NAMED = 10;

const summaryOf = (counts: ReplayCounts, calls: number, utterancesInState: number, seconds: number) => ({
  calls,
  events: counts.events,
  accepted: counts.total('accepted'),
  duplicate: counts.total('duplicate'),
  refused: counts.total('refused'),
  byType: counts.byType,
  refusals: counts.refusals,
  utterances: [...counts.utterances.values()].reduce((sum, ids) => sum + ids.size, 0),
  utterancesInState,
  decisions: counts.shown + counts.refrained,
  shown: counts.shown,
  refrained: counts.refrained,
  shownActions: counts.shownActions,
  refrainReasons: counts.refrainReasons,
  seconds: Math.round(seconds * 10) / 10,
  eventsPerSecond: Math.round(counts.events / Math.max(seconds, 0.001)),
});

const readable = async (summary: ReturnType<typeof summaryOf>, terminal: Terminal): Promise<void> => {
  const { calls, events, accepted, duplicate, refused, utterances, utterancesInState, decisions, shown, refrained } = summary;
  await terminal.print(`${calls} calls, ${events} events read: ${accepted} accepted, ${duplicate} duplicate, ${refused} refused`);
  for (const [type, count] of Object.entries(summary.byType))
    await terminal.print(
      `  ${type.padEnd(26)} ${count.read} read, ${count.accepted} accepted, ${count.duplicate} duplicate, ${count.refused} refused`,
    );
  await terminal.print(`${utterances} utterances, ${utterancesInState} in some call's state`);
  await terminal.print(
    `${decisions} decisions: ${shown} shown, ${refrained} refrained (${summary.seconds} s, ${summary.eventsPerSecond} events a second)`,
  );
};

export const replayCalls: Command = {
  summary: 'Replay recorded call events through the whole engine',
  positionals: [{ name: 'FILE', help: 'Call events, one CloudEvent a line, plain or .gz', required: true }],
  options: {
    policy: { type: 'string', value: 'DIR', help: "Folder of the revision; the demonstration's where not given" },
    model: {
      type: 'string',
      value: 'DIR',
      help: "Folder of a model bundle, one of each kind; the demonstration's where neither it nor --policy is given",
      multiple: true,
    },
    store: { type: 'string', value: 'DIR', help: 'Keep the store here, with a key of zeros; otherwise it is temporary' },
    quiet: { type: 'boolean', help: 'Only the summary, no line per decision' },
    json: { type: 'boolean', help: 'One JSON line per decision, the summary last' },
  },
  notes:
    'Time is that of the events; a call that began before the last event of the calls ahead of it is moved behind them. Lines that are no call event are counted as refused and never stop the replay. Exits 1 where an utterance is in no state, or nothing could be read.',
  async run(given, terminal) {
    const json = given.flag('json');
    const quiet = given.flag('quiet');
    const file = given.positional(0);
    const policy = given.text('policy');
    const store = given.text('store');
    const models = given.list('model');
    const counts = new ReplayCounts();
    const intake = new CallIntake();
    const lines: DecisionLine[] = [];
    const opened = await ReplayDesk.open({
      policyFolder: policy ?? path.join(DEMONSTRATION, 'policy'),
      modelFolders:
        models.length > 0 || policy !== undefined
          ? models
          : ['propensity', 'intent'].map((kind) => path.join(DEMONSTRATION, 'models', kind)),
      storeFolder: store ?? (await temporaryFolder(file)),
      isTemporary: store === undefined,
      onDecision: (line) => {
        counts.decision(line);
        if (!quiet) lines.push(line);
      },
      onTrouble: (text) => terminal.note(text),
    });
    if (!opened.ok) {
      terminal.note(opened.words);
      return 1;
    }
    const { desk } = opened;
    const startMs = performance.now();
    const print = async () => {
      for (const line of lines.splice(0)) await terminal.print(json ? JSON.stringify(line) : decisionLine(line));
    };
    const refuse = (line: number, type: string, reason: string, detail: string) => {
      counts.count(type, 'refused', reason);
      if (counts.total('refused') <= NAMED) terminal.note(`${file}:${line} refused, ${reason}: ${detail}`);
    };
    const accept = async (line: number, event: CallEvent, seq: number | null) => {
      const taken = await desk.take(event, seq, eventAtMs(event));
      if (taken?.result === 'refused') return refuse(line, event.type, taken.reason, 'by the desk');
      counts.count(event.type, taken?.result ?? 'accepted');
      if (event.type === 'sotto.utterance.final') counts.utterance(event.subject, event.data.utteranceId);
    };
    // Ctrl-C ends the reading, not the process: the temporary store still goes, and what was done is summed up.
    let isStopped = false;
    const stop = () => {
      isStopped = true;
    };
    process.once('SIGINT', stop);
    try {
      for await (const { line, text } of readLines(file)) {
        if (isStopped) break;
        const taken = intake.take(text);
        if (taken.result === 'refused') refuse(line, taken.type, taken.reason, taken.detail);
        else if (taken.result === 'duplicate') counts.count(taken.type, 'duplicate');
        else await accept(line, taken.event, taken.seq);
        await print();
        terminal.progress(`${intake.calls} calls, ${counts.events} events, ${counts.shown} prompts shown so far`);
      }
      await desk.runOut();
      await print();
      const seconds = (performance.now() - startMs) / 1_000;
      let inState = 0;
      for (const [callId, ids] of counts.utterances) {
        const known = new Set(desk.utterancesOf(callId));
        for (const id of ids) if (known.has(id)) inState += 1;
      }
      const summary = summaryOf(counts, intake.calls, inState, seconds);
      if (json) await terminal.print(JSON.stringify(summary));
      else await readable(summary, terminal);
      if (summary.utterances !== inState) terminal.note(`${summary.utterances - inState} utterances are in no call's state`);
      if (summary.accepted === 0) terminal.note(`${file} holds no call event that could be taken; sotto import-calls makes such files`);
      if (isStopped) terminal.note('stopped before the end of the file');
      return summary.utterances === inState && summary.accepted > 0 && !isStopped ? 0 : 1;
    } finally {
      process.off('SIGINT', stop);
      await desk.close();
    }
  },
};
