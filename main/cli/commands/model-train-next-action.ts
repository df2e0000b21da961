/** Recorded sessions and flow charts → model.onnx and manifest.json of a model that tells what agents do next. */
import { trainNextAction } from '#learning';
import type { Command } from '../command.ts';
import { readFlowCharts, readSessions, SESSIONS_HELP } from '../datasets/read-sessions.ts';
import { timeLeft } from '../datasets/time-left.ts';
import { readVersion } from '../read-version.ts';
import { sha256, writeBundle } from '../write-bundle.ts';

export const modelTrainNextAction: Command = {
  summary: 'Train what agents do next, from recorded sessions and flow charts',
  positionals: [],
  options: {
    data: { type: 'string', value: 'FILE', help: SESSIONS_HELP, required: true },
    tasks: { type: 'string', value: 'DIR', help: 'Flow charts, one JSON file a task', required: true },
    out: { type: 'string', value: 'DIR', help: 'Folder for model.onnx and manifest.json', required: true },
    without: {
      type: 'string',
      value: 'TASK,…',
      help: 'Tasks, or first words of their names, left out to measure what is never seen',
      multiple: true,
    },
    name: { type: 'string', value: 'NAME', help: 'Name of the model; "next-action" where not given' },
    version: { type: 'string', value: 'NUMBER', help: 'Version of the model; 1 where not given' },
    json: { type: 'boolean', help: 'Print what the model knows and its card as one JSON line' },
  },
  notes:
    'Learnt are the moments at which the agent chose a suggestion or asked the knowledge base, from what had happened by then: what was typed to find a suggestion is part of it where it was recorded, and is learnt without as well. The figures printed are from sessions the fit did not touch, with what was typed and without; the same sessions give the same bytes.',
  async run(given, terminal) {
    const version = readVersion(given, terminal);
    if (version === null) return 2;
    const data = given.required('data');
    const charts = await readFlowCharts(given.required('tasks'));
    const readLeft = timeLeft();
    const { sessions, sha256: trainedOn, leftOut } = await readSessions(data, (share) => terminal.progress(`reading: ${readLeft(share)}`));
    if (leftOut > 0) terminal.note(`${data}: the last ${leftOut} sessions are left out, there are too many`);
    const without = given
      .list('without')
      .flatMap((names) => names.split(','))
      .map((name) => name.trim());
    const left = timeLeft();
    const training = trainNextAction(sessions, {
      id: given.text('name') ?? 'next-action',
      version,
      charts,
      without,
      trainedOn,
      sha256,
      onStep: (share) => terminal.progress(`learning: ${left(share)}`),
    });
    if (!training.ok) {
      for (const fault of training.faults) terminal.note(`${data}: ${fault.detail}`);
      return 1;
    }
    const { manifest, onnx, notices } = training;
    for (const notice of notices) terminal.note(`${data}: ${notice}`);
    const out = given.required('out');
    const bytes = await writeBundle(out, manifest, onnx);
    const { card } = manifest;
    if (given.flag('json'))
      await terminal.print(
        JSON.stringify({
          id: manifest.id,
          kind: manifest.kind,
          version,
          onnx: manifest.onnx,
          bytes: manifest.bytes,
          tasks: Object.keys(manifest.tasks),
          actions: manifest.actions.length,
          signs: manifest.signs.size,
          signals: manifest.signals.size,
          card: manifest.card,
        }),
      );
    else {
      await terminal.print(`${manifest.id} v${version} → ${out} (${bytes} bytes, ${manifest.onnx.slice(0, 12)})`);
      await terminal.print(
        `  ${card.moments} moments of ${card.sessions} sessions, ${Object.keys(manifest.tasks).length} tasks, ${manifest.actions.length} actions`,
      );
      for (const [known, { happy, harder, unseen }] of [
        ['', card],
        [', without what was typed', card.untyped ?? {}],
      ] as const)
        for (const [words, figures] of [
          ['as the flow chart wants', happy],
          ['harder ones', harder],
          [`tasks never seen (${unseen?.tasks.join(', ') ?? ''})`, unseen],
        ] as const)
          if (figures !== undefined)
            await terminal.print(
              `  on ${figures.n} moments not touched, ${words}${known}: accuracy ${figures.accuracy}, weighted F1 ${figures.weightedF1}, top 3 ${figures.top3}`,
            );
    }
    return 0;
  },
};
