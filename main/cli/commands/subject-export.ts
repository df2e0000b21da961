/** All that central holds about one person, as a file for them: their data, and every decision about them with its reasons. */
import { writeFile } from 'node:fs/promises';
import { SUBJECTS_PATH } from '#contract/subject-orders.ts';
import type { Command } from '../command.ts';

const TIMEOUT_MS = 120_000;

export const subjectExport: Command = {
  summary: 'Write what is held about one customer, and every decision about them with its reasons',
  positionals: [],
  options: {
    central: { type: 'string', value: 'URL', help: 'Central', required: true },
    token: { type: 'string', value: 'TOKEN', help: 'Access token of a privacy officer; SOTTO_TOKEN where not given' },
    customer: { type: 'string', value: 'ID', help: 'Whose data', required: true },
    out: { type: 'string', value: 'FILE', help: 'Where to write it; a file that is there is not overwritten', required: true },
    as: { type: 'string', value: 'FORM', help: 'text, to be read, or json, to be processed; text where not given' },
    json: { type: 'boolean', help: 'Print what was written as {"bytes":N,"as":FORM}' },
  },
  notes:
    'Reads central alone: what desks have not sent yet is not in it. Each decision is taken again from its record, so that what is told is what was decided; where that is not possible any more, it is said. Exits 1 where nothing is held.',
  async run(given, terminal) {
    const token = given.text('token') ?? process.env['SOTTO_TOKEN'];
    const as = given.text('as') ?? 'text';
    if (token === undefined || (as !== 'text' && as !== 'json')) {
      terminal.note(
        token === undefined ? '--token, or SOTTO_TOKEN in the environment, must say who asks' : `--as is text or json, not "${as}"`,
      );
      return 2;
    }
    const url = new URL(`${SUBJECTS_PATH}/${encodeURIComponent(given.required('customer'))}?as=${as}`, given.required('central'));
    let response: Response;
    try {
      response = await fetch(url, {
        headers: { authorization: `Bearer ${token}` },
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch {
      terminal.note(`central at ${given.required('central')} did not answer`);
      return 1;
    }
    const text = await response.text();
    if (!response.ok) {
      terminal.note(
        response.status === 404
          ? 'central holds nothing about this customer'
          : `central refused it (${response.status}): ${text.slice(0, 300)}`,
      );
      return 1;
    }
    const file = given.required('out');
    try {
      await writeFile(file, text, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      terminal.note(`${file} was not written: ${error instanceof Error ? error.message : String(error)}`);
      return 1;
    }
    const bytes = Buffer.byteLength(text);
    await terminal.print(
      given.flag('json') ? JSON.stringify({ bytes, as }) : `${file}: ${bytes} bytes. It is personal data: give it to nobody else.`,
    );
    return 0;
  },
};
