/** The reply to a customer who contested a decision. */
import { writeFile } from 'node:fs/promises';
import { ContestLetter, CONTESTS_PATH } from '#contract/contest.ts';
import { CENTRAL_OPTIONS, CentralApi } from '../central/central-api.ts';
import { printPdf } from '../central/print-pdf.ts';
import type { Command } from '../command.ts';

const FORMS = ['text', 'pdf'] as const;

export const contestLetterCommand: Command = {
  summary: 'Write the reply to a customer who contested a decision, as text or PDF',
  positionals: [{ name: 'CONTEST', help: 'Its id, as sotto contest list tells', required: true }],
  options: {
    ...CENTRAL_OPTIONS,
    out: { type: 'string', value: 'FILE', help: 'Where to write it; a file that is there is not overwritten', required: true },
    form: { type: 'string', value: 'FORM', help: 'text or pdf; text where not given', oneOf: FORMS },
    json: { type: 'boolean', help: 'Print what was written as {"bytes":N,"form":FORM}' },
  },
  notes: 'A PDF is printed by Chromium, on this computer. There is a letter once the contest was answered, or ran out.',
  async run(given, terminal) {
    const central = await CentralApi.open(given, terminal);
    if (typeof central === 'string') {
      terminal.note(central);
      return 2;
    }
    const contest = encodeURIComponent(given.positional(0));
    const answer = await central.ask('GET', `${CONTESTS_PATH}/${contest}/letter`, ContestLetter);
    if (!answer.ok) {
      terminal.note(answer.words);
      return 1;
    }
    const form = given.text('form') ?? 'text';
    const bytes = form === 'pdf' ? await printPdf(answer.value.text, 'Reply to a contested decision') : Buffer.from(answer.value.text);
    const file = given.required('out');
    if (typeof bytes === 'string') {
      terminal.note(bytes);
      return 1;
    }
    try {
      await writeFile(file, bytes, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      terminal.note(`${file} was not written: ${error instanceof Error ? error.message : String(error)}`);
      return 1;
    }
    await terminal.print(
      given.flag('json')
        ? JSON.stringify({ bytes: bytes.length, form })
        : `${file}: ${bytes.length} bytes. It is personal data: for the customer alone.`,
    );
    return 0;
  },
};
