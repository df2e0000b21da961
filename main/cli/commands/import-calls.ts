/** Recorded dialogues → call events, one JSON line each, ready for replay-calls or for central. */
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Command } from '../command.ts';
import { multidogoCalls } from '../recordings/multidogo-calls.ts';
import { filesOf } from '../recordings/read-text.ts';
import { callEventsOf, distinctIds } from '../recordings/recorded-call.ts';
import type { Recording } from '../recordings/recording.ts';
import { starCalls } from '../recordings/star-calls.ts';
import type { Terminal } from '../terminal.ts';

const SOURCES: Readonly<Record<string, { readonly ending: string; readonly open: () => Recording }>> = {
  star: { ending: '.jsonl', open: () => starCalls },
  multidogo: { ending: '.tsv', open: multidogoCalls },
};

/** At most this many unreadable lines are named; all are counted. */
const NAMED = 10;

interface Counts {
  files: number;
  calls: number;
  events: number;
  utterances: number;
  customerUtterances: number;
  unreadable: number;
  byType: Record<string, number>;
}

const eventLines = async function* (
  places: readonly { readonly file: string; readonly place: string }[],
  recording: Recording,
  partials: boolean,
  counts: Counts,
  terminal: Terminal,
): AsyncGenerator<string> {
  const distinct = distinctIds();
  for (const { file, place } of places) {
    counts.files += 1;
    for await (const recorded of recording(file, place)) {
      if (!recorded.ok) {
        counts.unreadable += 1;
        if (counts.unreadable <= NAMED) terminal.note(`${file}:${recorded.line} ${recorded.reason}`);
        continue;
      }
      const call = { ...recorded.call, callId: distinct(recorded.call.callId) };
      counts.calls += 1;
      let lines = '';
      for (const event of callEventsOf(call, partials)) {
        counts.events += 1;
        counts.byType[event.type] = (counts.byType[event.type] ?? 0) + 1;
        if (event.type === 'sotto.utterance.final') {
          counts.utterances += 1;
          if (event.data.speaker === 'customer') counts.customerUtterances += 1;
        }
        lines += `${JSON.stringify(event)}\n`;
      }
      terminal.progress(`${counts.calls} calls, ${counts.events} events so far`);
      yield lines;
    }
  }
};

export const importCalls: Command = {
  summary: 'Turn recorded dialogues into call events',
  positionals: [],
  options: {
    from: { type: 'string', help: 'What was recorded', required: true, oneOf: Object.keys(SOURCES) },
    in: { type: 'string', value: 'PATH', help: 'A file, or a folder with such files below it', required: true, multiple: true },
    out: { type: 'string', value: 'FILE', help: 'Where the events go, one a line; gzipped where the name ends in .gz', required: true },
    partials: { type: 'boolean', help: 'Each utterance is also heard half-way, as live speech recognition would have it' },
    json: { type: 'boolean', help: 'Print the counts as one JSON line' },
  },
  notes:
    'star: dialogues.jsonl(.gz); multidogo: a folder of domains with train.tsv and dev.tsv, one domain, or one file. The same recordings give the same bytes.',
  async run(given, terminal) {
    const { ending, open } = SOURCES[given.required('from')] as (typeof SOURCES)[string];
    const places: { file: string; place: string }[] = [];
    for (const place of given.list('in')) {
      const files = await filesOf(place, ending);
      if (files.length === 0) {
        terminal.note(`there is no ${ending} file below ${place}; name the file, or the folder it lies in`);
        return 2;
      }
      for (const file of files) places.push({ file, place });
    }
    const out = given.required('out');
    const counts: Counts = { files: 0, calls: 0, events: 0, utterances: 0, customerUtterances: 0, unreadable: 0, byType: {} };
    const lines = Readable.from(eventLines(places, open(), given.flag('partials'), counts, terminal), { objectMode: true });
    // Under another name until it is whole, so that a stopped import is not taken for a finished one.
    const unfinished = `${out}.part`;
    const file = createWriteStream(unfinished);
    if (out.endsWith('.gz')) await pipeline(lines, createGzip(), file);
    else await pipeline(lines, file);
    await rename(unfinished, out);
    if (given.flag('json')) await terminal.print(JSON.stringify({ out, ...counts }));
    else {
      await terminal.print(
        `${counts.calls} calls with ${counts.events} events (${counts.utterances} utterances) from ${counts.files} files → ${out}`,
      );
      for (const [type, count] of Object.entries(counts.byType)) await terminal.print(`  ${String(count).padStart(8)} ${type}`);
    }
    if (counts.unreadable > 0) terminal.note(`${counts.unreadable} lines could not be read and were left out (the first are named above)`);
    return counts.unreadable > 0 || counts.calls === 0 ? 1 : 0;
  },
};
