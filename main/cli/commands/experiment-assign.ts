/** Who is in which arm: the same hash that decides on the desk, for what is assigned elsewhere. */
import { assignedArm, saltOfMonth } from '#core';
import type { Command } from '../command.ts';
import { DATA_HELP, missingColumns, openDataFile } from '../datasets/data-file.ts';
import { DataFileFault } from '../datasets/data-file-fault.ts';
import { typedShares } from '../statistics/typed-shares.ts';

export const experimentAssign: Command = {
  summary: 'Assign customers, agents or sites to the arms of an experiment',
  positionals: [],
  options: {
    data: { type: 'string', value: 'FILE', help: DATA_HELP, required: true },
    unit: { type: 'string', value: 'COLUMN', help: 'What is assigned: the id of a customer, an agent, a site', required: true },
    salt: { type: 'string', value: 'TEXT', help: 'Of the experiment: another one draws others', required: true },
    arms: { type: 'string', value: 'ARM=N,ARM=N', help: 'Shares of 1; who is in none of them gets the last arm', required: true },
    month: { type: 'string', value: 'YYYY-MM', help: 'Of a policy that assigns anew each month: the month in UTC' },
    json: { type: 'boolean', help: 'Print one JSON object a line: {"unit":…,"arm":…}' },
  },
  notes:
    'Sticky: for a salt an id is always in the same arm, whatever else is in the file. The arms of a policy (experiment in revision.yaml) are assigned by the same hash.',
  async run(given, terminal) {
    const shares = typedShares(given.required('arms'), '--arms');
    if (shares === null || typeof shares === 'string') {
      terminal.note(shares ?? '--arms is missing');
      return 2;
    }
    const month = given.text('month');
    if (month !== undefined && !/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
      terminal.note(`--month must be a month such as 2026-11, not "${month}"`);
      return 2;
    }
    const salt = month === undefined ? given.required('salt') : saltOfMonth(given.required('salt'), month);
    const arms = [...shares].map(([arm, share]) => ({ arm, share }));
    const total = arms.reduce((sum, { share }) => sum + share, 0);
    if (total > 1 + 1e-9) {
      terminal.note(`the shares add up to ${total}; 1 is everybody`);
      return 2;
    }
    const data = await openDataFile(given.required('data'));
    const unit = given.required('unit');
    const missing = missingColumns(data, [unit]);
    if (missing !== null) {
      terminal.note(missing);
      return 2;
    }
    const at = data.columns.indexOf(unit);
    const known = new Set<string>();
    for await (const { line, fields } of data.rows) {
      const id = (fields[at] ?? '').trim();
      if (id === '') throw new DataFileFault(data.file, `line ${line}, column "${unit}": is empty; every row needs an id`);
      if (known.has(id)) continue;
      known.add(id);
      const arm = assignedArm(salt, id, arms) ?? arms.at(-1)?.arm ?? '';
      await terminal.print(given.flag('json') ? JSON.stringify({ unit: id, arm }) : `${arm}\t${id}`);
    }
    return 0;
  },
};
