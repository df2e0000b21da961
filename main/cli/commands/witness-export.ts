/** Central's log of all desks' ledgers with the heads it signed, as a file that a witness outside keeps and anybody can verify. */
import { existsSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import { CentralHead } from '#contract/central-head.ts';
import { lastHeadIn } from '../ledger/last-head-in.ts';
import type { Command } from '../command.ts';

const PATH = '/api/central-heads';
const TIMEOUT_MS = 60_000;

export const witnessExport: Command = {
  summary: 'Fetch central’s signed log of all ledgers, for a witness outside',
  positionals: [],
  options: {
    central: { type: 'string', value: 'URL', help: 'Central', required: true },
    token: { type: 'string', value: 'TOKEN', help: 'Access token for central; SOTTO_TOKEN where not given' },
    out: {
      type: 'string',
      value: 'FILE',
      help: 'The witness file; one that is there is added to, and nothing in it is changed',
      required: true,
    },
    sign: { type: 'boolean', help: 'Have central sign a head over what it knows now; otherwise it does so once a day' },
    json: { type: 'boolean', help: 'Print the last head as one JSON line' },
  },
  notes:
    'Keep the file, or its last head, where whoever runs central cannot change it: sotto verify FILE --key KEY --head EARLIER then finds every record that was changed, taken out or told in another way since. Exits 1 where central does not go on from the file.',
  async run(given, terminal) {
    const token = given.text('token') ?? process.env['SOTTO_TOKEN'];
    if (token === undefined) {
      terminal.note('--token, or SOTTO_TOKEN in the environment, must say who asks');
      return 2;
    }
    const file = given.required('out');
    const known = existsSync(file) ? lastHeadIn(file) : null;
    if (existsSync(file) && known === null) {
      terminal.note(`${file} is there and is no witness file with a head: it is left as it is; name another one`);
      return 1;
    }
    const ask = async (method: 'GET' | 'POST', query = ''): Promise<Response | null> => {
      try {
        const url = new URL(`${PATH}${query}`, given.required('central'));
        const init =
          method === 'POST'
            ? { body: '{}', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } }
            : { headers: { authorization: `Bearer ${token}` } };
        return await fetch(url, { method, ...init, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
      } catch {
        terminal.note(`central at ${given.required('central')} did not answer`);
        return null;
      }
    };
    if (given.flag('sign')) {
      const signed = await ask('POST');
      if (signed === null) return 1;
      if (!signed.ok) {
        terminal.note(`central signed nothing (${signed.status}): ${(await signed.text()).slice(0, 500)}`);
        return 1;
      }
    }
    const response = await ask('GET', known === null ? '' : `?after=${known.seq}`);
    if (response === null) return 1;
    if (!response.ok) {
      terminal.note(`central gave no heads (${response.status}): ${(await response.text()).slice(0, 500)}`);
      return 1;
    }
    const text = await response.text();
    const heads = text
      .split('\n')
      .filter((line) => line.startsWith('{"seq"'))
      .map((line) => CentralHead.parse(JSON.parse(line)));
    const [first] = heads;
    if (known !== null && first !== undefined && first.before !== known.hash) {
      terminal.note(
        `central does not go on from head ${known.seq} in ${file}: it tells another story now. The file is left as it is; keep it.`,
      );
      return 1;
    }
    const last = heads.at(-1) ?? known;
    if (last === null) {
      terminal.note('central has signed no head yet; --sign has it sign one');
      return 1;
    }
    if (known === null) await writeFile(file, text, { flag: 'wx' });
    else await appendFile(file, text);
    await terminal.print(given.flag('json') ? JSON.stringify(last) : `${last.seq}:${last.hash}`);
    return 0;
  },
};
