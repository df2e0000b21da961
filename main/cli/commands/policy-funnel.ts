/** How many actions are left after each stage, over decisions that were taken. */
import { ActionFunnel } from '#policy';
import type { Command } from '../command.ts';
import { readRecords } from '../policy-records/read-records.ts';
import { RECORDS } from '../policy-records/records-question.ts';
import { readPolicy } from '../read-policy.ts';

export const policyFunnel: Command = {
  summary: 'Show how many actions are left after each stage of decisions',
  positionals: [{ name: 'DIR', help: 'Folder of the revision', required: true }],
  options: { records: RECORDS, json: { type: 'boolean', help: 'Print one JSON line' } },
  notes:
    'Per stage: actions that ended there, actions left per decision (optionality), and the share of decisions with none left (no-action ratio).',
  async run(given, terminal) {
    const policy = await readPolicy(given.positional(0));
    if (!policy.ok) {
      for (const fault of policy.faults) terminal.note(fault);
      return 1;
    }
    const { actions } = policy.revision;
    const { records, refused } = await readRecords(given.required('records'), policy.hash, terminal, ({ reasons }) =>
      reasons.length === actions.length ? null : `has reasons for ${reasons.length} actions, and the revision has ${actions.length}`,
    );
    if (records.length === 0) return 1;
    const funnel = new ActionFunnel();
    for (const { reasons } of records) funnel.add(reasons);
    const stages = funnel.stages();
    if (given.flag('json')) await terminal.print(JSON.stringify({ decisions: funnel.decisions, actions: actions.length, stages }));
    else {
      await terminal.print(`${funnel.decisions} decisions over ${actions.length} actions`);
      await terminal.print(`  ${'stage'.padEnd(14)}${'ended'.padStart(9)}${'left each'.padStart(11)}${'none left'.padStart(11)}`);
      for (const { stage, ended, leftPerDecision, noneLeft } of stages)
        await terminal.print(
          `  ${stage.padEnd(14)}${String(ended).padStart(9)}${leftPerDecision.toFixed(2).padStart(11)}${`${(noneLeft * 100).toFixed(1)} %`.padStart(11)}`,
        );
    }
    return refused > 0 ? 1 : 0;
  },
};
