/**
 * CLINC150 (github.com/clinc/oos-eval, CC BY 3.0) as published, one JSON object of splits of [text, label] pairs, as rows that
 * `sotto model train intent` and `sotto model evaluate` read:
 *
 *   node test/learning/clinc-rows.ts data_full.json train,val,oos_train,oos_val > train.jsonl
 *   node test/learning/clinc-rows.ts data_full.json test,oos_test > test.jsonl
 *
 * Without splits, all that the file has. Queries out of scope have the label `oos`, as published.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Published = z.record(z.string(), z.array(z.tuple([z.string(), z.string()])));

/** JSON lines of `{text, label}`. Throws where the text is no such file, or has no such split. */
export const clincRows = (published: string, splits?: readonly string[]): string => {
  const file = Published.parse(JSON.parse(published));
  const wanted = splits ?? Object.keys(file);
  const missing = wanted.filter((split) => file[split] === undefined);
  if (missing.length > 0) throw new Error(`there is no split ${missing.join(', ')}; there are ${Object.keys(file).join(', ')}`);
  return wanted.flatMap((split) => (file[split] ?? []).map(([text, label]) => `${JSON.stringify({ text, label })}\n`)).join('');
};

if (import.meta.main) {
  const [file, splits] = process.argv.slice(2);
  if (file === undefined) {
    process.stderr.write('Usage: node test/learning/clinc-rows.ts data_full.json [SPLIT,…] > rows.jsonl\n');
    process.exitCode = 2;
  } else process.stdout.write(clincRows(readFileSync(file, 'utf8'), splits?.split(',')));
}
