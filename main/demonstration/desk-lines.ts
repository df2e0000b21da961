/** Reads what a desk started with `--lines` says on standard output. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { DecisionLine } from '#contract/engine-port.ts';

const Line = z.discriminatedUnion('sotto', [
  DecisionLine.extend({ sotto: z.literal('decided') }),
  z.object({ sotto: z.literal('engine'), state: z.enum(['starting', 'ready', 'restarting', 'stopped']), pid: z.int().nullable() }),
  z.object({ sotto: z.literal('measured'), eventToCardMs: z.array(z.number()), acceptToSavedMs: z.array(z.number()) }),
]);
export type DeskLine = z.infer<typeof Line>;

/** Calls back with each line of the desk's; anything else on the stream goes to `other`. */
export function readDeskLines(stream: Readable, onLine: (line: DeskLine) => void, other: (text: string) => void): void {
  createInterface({ input: stream }).on('line', (text) => {
    if (!text.startsWith('{"sotto":')) return other(text);
    onLine(Line.parse(JSON.parse(text)));
  });
}
