/** One node of central, for production: as many as are wanted run on one PostgreSQL behind any balancer. */
import { readFileSync } from 'node:fs';
import type { CentralConfigInput } from '#central/config.ts';
import { startCentral } from '#central/start-central.ts';
import { presentCore } from '#main/build/present-core.ts';
import type { Command } from '../command.ts';

export const central: Command = {
  summary: 'Run a node of central until it is told to end',
  positionals: [],
  options: {
    config: { type: 'string', value: 'FILE', help: 'The configuration, as JSON: docs/OPERATING.md says what is in it', required: true },
    json: { type: 'boolean', help: 'Say where it listens as one JSON line' },
  },
  notes:
    'SIGTERM and SIGINT end it gracefully: nothing new is taken, what was begun is finished, desks are sent to the other nodes. A second signal ends it at once; nothing acknowledged is lost by that either.',
  async run(given, terminal) {
    const file = given.required('config');
    try {
      const config = JSON.parse(readFileSync(file, 'utf8')) as CentralConfigInput;
      const core = readFileSync((await presentCore()).file);
      const node = await startCentral(config, { log: (line) => terminal.note(`central: ${line}`), core });
      // Whoever reads where it listens may end it at once.
      const over = ended();
      await terminal.print(given.flag('json') ? JSON.stringify({ url: node.url }) : `central is at ${node.url}`);
      const signal = await over;
      terminal.note(`central: ends on ${signal}`);
      process.once(signal, () => process.exit(1));
      await node.close();
      return 0;
    } catch (error) {
      terminal.note(`${file}: ${words(error)}`);
      return 1;
    }
  },
};

const ended = (): Promise<'SIGTERM' | 'SIGINT'> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });

/** With its causes: the innermost says what the database or the file system had against it. */
function words(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${words(error.cause)})`;
}
