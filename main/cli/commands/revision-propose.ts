/** The first of three people: a revision, or a model, with what it is for. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CHANGES_PATH, ChangeView, Persona, type Proposal } from '#contract/change-request.ts';
import { CENTRAL_OPTIONS, CentralApi } from '../central/central-api.ts';
import { describeChange } from '../central/describe-change.ts';
import type { Command } from '../command.ts';
import { readModelFolder } from '../read-model-folder.ts';
import { readPolicyFolder } from '../read-policy-folder.ts';

export const revisionPropose: Command = {
  summary: 'Propose a revision or a model, with its effect on real decisions',
  positionals: [{ name: 'DIR', help: 'Folder of the revision; with --model of the model bundle', required: true }],
  options: {
    title: { type: 'string', value: 'TEXT', help: 'What it is, in a line', required: true },
    reason: { type: 'string', value: 'TEXT', help: 'Why', required: true },
    personas: { type: 'string', value: 'FILE', help: 'JSON list of situations with what is wanted of them: [{name, request, expect}]' },
    model: { type: 'boolean', help: 'DIR is a model bundle, signed by those who approve models' },
    ...CENTRAL_OPTIONS,
    json: { type: 'boolean', help: 'Print the change as one JSON line' },
  },
  notes:
    'Central checks it, tells what it would have done to the decisions that were taken under the current revision, tries the personas, and keeps it for another person to review. expect has shows, hides (lists of actions) or refrains. Nothing reaches a desk yet.',
  async run(given, terminal) {
    const texts = { title: given.required('title'), reason: given.required('reason') };
    const folder = given.positional(0);
    let proposal: Proposal;
    if (given.flag('model')) {
      const read = readModelFolder(folder);
      if (!read.ok) {
        terminal.note(read.words);
        return 1;
      }
      proposal = { kind: 'model', bundle: read.bundle, ...texts };
    } else {
      const file = given.text('personas');
      const personas = z.array(Persona).safeParse(file === undefined ? [] : JSON.parse(await readFile(file, 'utf8')));
      if (!personas.success) {
        terminal.note(`${file ?? ''}: ${z.prettifyError(personas.error)}`);
        return 1;
      }
      proposal = { kind: 'revision', files: [...(await readPolicyFolder(folder))], personas: personas.data, ...texts };
    }
    const central = await CentralApi.open(given, terminal);
    if (typeof central === 'string') {
      terminal.note(central);
      return 2;
    }
    const answer = await central.ask('POST', CHANGES_PATH, ChangeView, proposal);
    if (!answer.ok) {
      terminal.note(answer.words);
      return 1;
    }
    if (given.flag('json')) await terminal.print(JSON.stringify(answer.value));
    else for (const line of describeChange(answer.value)) await terminal.print(line);
    return answer.value.personas.every(({ ok }) => ok) ? 0 : 1;
  },
};
