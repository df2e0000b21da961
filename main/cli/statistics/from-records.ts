/** Logged choices from decision records, their outcomes, and the two revisions. */
import { REWARD_KINDS } from '#contract/learning.ts';
import type { LoggedChoices } from '#learning';
import type { ExitCode, Given } from '../command.ts';
import { loadPresentCore } from '../core/core-file.ts';
import { coreOf } from '../core/runtime.ts';
import { readModels } from '../decide/model-folder.ts';
import { RecordSituations } from '#central/policy/record-situations.ts';
import { readRecords } from '../policy-records/read-records.ts';
import { readPolicy } from '../read-policy.ts';
import type { Terminal } from '../terminal.ts';
import { readOutcomes } from './outcome-file.ts';
import { recordChoices } from './record-choices.ts';

const DAY_MS = 86_400_000;

/** An exit code where there is nothing to estimate from: the terminal has been told why. */
export const fromRecords = async (given: Given, terminal: Terminal): Promise<LoggedChoices | ExitCode> => {
  const windowDays = Number(given.text('window') ?? 14);
  const [was, is] = [given.text('policy'), given.text('against')];
  if (was === undefined || is === undefined || !(windowDays > 0)) {
    terminal.note('with --outcomes give --policy DIR, --against DIR, and a --window above 0');
    return 2;
  }
  const [old, next] = [await readPolicy(was), await readPolicy(is)];
  for (const policy of [old, next]) if (!policy.ok) for (const fault of policy.faults) terminal.note(fault);
  if (!old.ok || !next.ok) return 1;
  const modelFolder = given.text('models');
  const found = modelFolder === undefined ? null : await readModels(modelFolder);
  if (found?.ok === false) {
    for (const fault of found.faults) terminal.note(fault);
    return 1;
  }
  const core = await loadPresentCore();
  const decider = (revision: typeof old.revision) => new core.module.Decider(core.module.compileRevision(revision), coreOf(core.hash));
  const situations = new RecordSituations(
    core.module,
    decider(old.revision),
    decider(next.revision),
    found === null ? [] : [...found.models, ...found.learnt],
  );
  const { records } = await readRecords(given.required('data'), old.revision.hash, terminal);
  const outcomes = await readOutcomes(given.text('outcomes') ?? '', terminal);
  const untold = new Map<string, number>();
  const { choices, leftOut } = recordChoices(
    records,
    outcomes,
    (record) => {
      const chances = situations.chances(record);
      if (typeof chances === 'string') untold.set(chances, (untold.get(chances) ?? 0) + 1);
      return chances;
    },
    old.revision.actions.map(({ id }) => id),
    { kind: REWARD_KINDS.find((kind) => kind === given.text('earns')) ?? 'agent', windowMs: windowDays * DAY_MS },
  );
  for (const [why, count] of untold) terminal.note(`${count} records: ${why}`);
  const { continuing, nothingToShow, pending } = leftOut;
  if (continuing + nothingToShow + pending > 0)
    terminal.note(
      `Left out: ${continuing} records of a card that an earlier one brought, ${nothingToShow} where neither policy could show one, ${pending} whose window is open.`,
    );
  return choices;
};
