/** Outcomes as central and desks tell them, from a file: one JSON object a line. */
import { Outcome } from '#contract/outcome.ts';
import { readByteLines } from '../byte-lines.ts';
import type { Terminal } from '../terminal.ts';

/** At most this many lines that cannot be used are named. */
const NAMED = 10;

/** Lines that are no outcome are named and counted, never quoted. */
export const readOutcomes = async (file: string, terminal: Terminal): Promise<readonly Outcome[]> => {
  const outcomes: Outcome[] = [];
  let refused = 0;
  for await (const { line, text } of readByteLines(file)) {
    const parsed = Outcome.safeParse(parsedJson(text));
    if (parsed.success) outcomes.push(parsed.data);
    else if (++refused <= NAMED) terminal.note(`${file}:${line} ${parsed.error.issues[0]?.path.join('.') || 'is no outcome'}`);
    terminal.progress(`${outcomes.length} outcomes read`);
  }
  if (refused > 0) terminal.note(`${refused} of ${outcomes.length + refused} lines are no outcome and were left out`);
  return outcomes;
};

const parsedJson = (text: string | null): unknown => {
  try {
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
};
