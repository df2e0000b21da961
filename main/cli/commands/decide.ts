/** Requests in, decision records out. */
import { open } from 'node:fs/promises';
import { requestInputs } from '#policy';
import type { Command } from '../command.ts';
import { readByteLines } from '../byte-lines.ts';
import { loadPresentCore } from '../core/core-file.ts';
import { newestModel, readModels } from '../decide/model-folder.ts';
import { readRequest } from '../decide/read-request.ts';
import { RequestDecider } from '../decide/request-decider.ts';
import { readPolicy } from '../read-policy.ts';

export const decide: Command = {
  summary: 'Decide requests from a file, one record a line',
  positionals: [],
  options: {
    policy: { type: 'string', value: 'DIR', help: 'Folder of the revision', required: true },
    requests: { type: 'string', value: 'FILE', help: 'Requests, one JSON object a line, plain or .gz', required: true },
    models: { type: 'string', value: 'DIR', help: 'Folder of a model bundle, or of several; starting propensities where not given' },
    hashes: { type: 'string', value: 'FILE', help: "Also write the records' SHA-256, one a line, for sotto replay --hashes" },
    json: { type: 'boolean', help: 'Tell of refused lines as JSON, one object a line' },
  },
  notes:
    'sotto schema request prints what a request may hold; everything may be left out. A line that cannot be decided is named by its number and the path of what is wrong, the others are decided all the same, and the exit code is 1.',
  async run(given, terminal) {
    const policy = await readPolicy(given.required('policy'));
    if (!policy.ok) {
      for (const fault of policy.faults) terminal.note(fault);
      return 1;
    }
    const modelFolder = given.text('models');
    const found = modelFolder === undefined ? null : await readModels(modelFolder);
    if (found?.ok === false) {
      for (const fault of found.faults) terminal.note(fault);
      return 1;
    }
    const model = found === null ? null : newestModel(found.models);
    if (typeof model === 'string') {
      terminal.note(`${modelFolder ?? ''}: ${model}`);
      return 2;
    }
    const decider = await RequestDecider.open(await loadPresentCore(), policy.revision, model);
    if (typeof decider === 'string') {
      terminal.note(decider);
      return 1;
    }
    const file = given.required('requests');
    const hashFile = given.text('hashes');
    const hashes = hashFile === undefined ? null : await open(hashFile, 'w');
    let decided = 0;
    let refused = 0;
    const refuse = (line: number, path: string, reason: string): void => {
      refused += 1;
      const words = `${file}:${line} ${path === '' ? 'the line' : path} ${reason}`;
      terminal.note(given.flag('json') ? JSON.stringify({ line, path, reason }) : words);
    };
    try {
      for await (const { line, text } of readByteLines(file)) {
        const read = readRequest(text);
        if (!read.ok) {
          refuse(line, read.path, read.reason);
          continue;
        }
        const inputs = requestInputs(read.request, { id: `request-${line}`, language: policy.revision.language });
        const made = await decider.decide(inputs, read.request.propensities);
        if (!made.ok) {
          refuse(line, '', made.reason);
          continue;
        }
        decided += 1;
        const { recordJson, hash } = made.decision;
        await terminal.print(recordJson);
        await hashes?.write(`${hash}\n`);
        terminal.progress(`${decided} decided`);
      }
    } finally {
      await hashes?.close();
      await decider.close();
    }
    if (decided + refused === 0) terminal.note(`${file} holds no request`);
    if (refused > 0) terminal.note(`${decided} decided, ${refused} refused`);
    return refused === 0 && decided > 0 ? 0 : 1;
  },
};
