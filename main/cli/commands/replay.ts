/** Records taken again, each with the core, the policy and the models it names, and held against themselves byte for byte. */
import { readFile } from 'node:fs/promises';
import { presentCore } from '#main/build/present-core.ts';
import type { Command } from '../command.ts';
import { readByteLines } from '../byte-lines.ts';
import { CoreShelf } from '../core/core-shelf.ts';
import { readModels } from '../decide/model-folder.ts';
import { RecordReplay } from '../records/replay-record.ts';
import { centralShelf, storeShelf } from '../records/shelves.ts';
import { Sources } from '../records/sources.ts';

/** At most this many differing records are named; all are counted. */
const NAMED = 20;

export const replay: Command = {
  summary: 'Take recorded decisions again and compare them byte for byte',
  positionals: [{ name: 'FILE', help: 'Decision records, one a line, plain or .gz', required: true }],
  options: {
    policy: { type: 'string', value: 'DIR', help: 'Folder of a revision that records name', multiple: true },
    models: {
      type: 'string',
      value: 'DIR',
      help: 'Folder of a model bundle, or of several; each model that records name must be among them',
    },
    cores: { type: 'string', value: 'DIR', help: 'Folder of former cores, as HASH.mjs', multiple: true },
    store: {
      type: 'string',
      value: 'DIR',
      help: "Folder of a desk's store: revisions and models by hash, and the records as they were written",
    },
    key: { type: 'string', value: 'FILE', help: "The store's key; the demonstration's beside it, else zeros, where not given" },
    central: {
      type: 'string',
      value: 'URL',
      help: 'Central: revisions, models and former cores by hash. A core is run once it is what its hash says',
    },
    token: { type: 'string', value: 'TOKEN', help: 'Access token for central; SOTTO_TOKEN where not given' },
    hashes: { type: 'string', value: 'FILE', help: 'SHA-256 of each record, one a line, as sotto decide --hashes wrote them' },
    json: { type: 'boolean', help: 'One JSON line per record that differs' },
  },
  notes:
    'The last line says how many records were read and how many of them were not reproduced: {"replayed":N,"different":0}. Exits 1 where one was not, or where nothing was read. Members that nothing follows from, such as an id, can be checked only against --hashes or --store.',
  async run(given, terminal) {
    const file = given.positional(0);
    const modelFolder = given.text('models') ?? null;
    const found = modelFolder === null ? null : await readModels(modelFolder);
    if (found?.ok === false) {
      for (const fault of found.faults) terminal.note(fault);
      await terminal.print(JSON.stringify({ replayed: 0, different: 0 }));
      return 1;
    }
    const storeFolder = given.text('store');
    const store = storeFolder === undefined ? null : storeShelf(storeFolder, given.text('key'), Date.now());
    if (typeof store === 'string') {
      terminal.note(store);
      return 1;
    }
    const url = given.text('central');
    const token = given.text('token') ?? process.env['SOTTO_TOKEN'];
    if (url !== undefined && token === undefined) {
      terminal.note('--central needs --token, or SOTTO_TOKEN in the environment');
      return 2;
    }
    const hashFile = given.text('hashes');
    const hashes = hashFile === undefined ? null : (await readFile(hashFile, 'utf8')).split('\n').filter((line) => line !== '');
    const central = url === undefined || token === undefined ? null : centralShelf(url, token, (words) => terminal.note(words));
    const cores = given.list('cores');
    const replays = new RecordReplay({
      cores: new CoreShelf(cores, central?.core),
      sources: new Sources({
        policies: given.list('policy'),
        models: found === null ? [] : [...found.models, ...found.learnt],
        modelFolder,
        shelves: [...(store === null ? [] : [store]), ...(central === null ? [] : [central])],
        cores,
      }),
      presentCore: (await presentCore()).hash,
      checkModels: modelFolder !== null,
      stored: (id) => store?.record(id) ?? null,
      isErased: (id) => store?.isErased(id) ?? false,
    });
    let replayed = 0;
    let different = 0;
    const tell = async (line: number, id: string | null, part: string, members: readonly string[], words: string): Promise<void> => {
      different += 1;
      if (given.flag('json')) await terminal.print(JSON.stringify({ line, id, part, members, words }));
      else if (different <= NAMED) terminal.note(`${file}:${line}${id === null ? '' : ` ${id}`} ${part}: ${words}`);
    };
    try {
      for await (const { line, text } of readByteLines(file)) {
        const result = await replays.replay(text, hashes?.[replayed] ?? null);
        replayed += 1;
        if (!result.same) await tell(line, result.id, result.part, result.members, result.words);
        terminal.progress(`${replayed} replayed, ${different} different`);
      }
    } finally {
      store?.close();
    }
    if (different > NAMED && !given.flag('json')) terminal.note(`… and ${different - NAMED} more`);
    if (replayed === 0) terminal.note(`${file} holds no record`);
    const isWhole = hashes === null || hashes.length === replayed;
    if (!isWhole) terminal.note(`${file} has ${replayed} records, ${hashFile ?? ''} lists ${hashes.length}: some were taken out or added`);
    await terminal.print(JSON.stringify({ replayed, different }));
    return different === 0 && replayed > 0 && isWhole ? 0 : 1;
  },
};
