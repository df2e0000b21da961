/** A blast report in plain words, a line each. Names policies, actions and conditions, never a customer. */
import type { ActionEffect, BlastReport, Effect, Finding, GroupEffect } from './blast-report.ts';
import type { RuleChange } from './rule-changes.ts';

const ACTIONS_SHOWN = 15;
const GROUPS_SHOWN = 12;
const MOVES_SHOWN = 3;

const percent = (part: number, whole: number): string => (whole === 0 ? '0 %' : `${Math.round((part / whole) * 1_000) / 10} %`);
const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;
const decisions = (number: number): string => count(number, 'decision', 'decisions');
const quoted = (texts: readonly string[]): string => texts.map((text) => `“${text.trim()}”`).join(', ');

const WHAT_IT_DOES: Readonly<Record<Effect, string>> = {
  none: 'The rules are the same.',
  wording: 'Only wording differs: no decision reads it.',
  rules: 'Rules differ, and in these decisions every action ends where it ended.',
  stages: 'The same would be shown; some actions would end elsewhere.',
  decisions: 'Something else would be shown.',
};

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
const more = (all: number, shown: number): readonly string[] => (all > shown ? [`… and ${all - shown} more (--json has all)`] : []);

export function describeBlast(report: BlastReport): readonly string[] {
  const { effect, findings, changes, actions, groups, missing, notKnown, different, groupsTooSmall } = report;
  const known = report.decisions - notKnown;
  const affected = groups.filter((group) => group.affected > 0).toSorted((a, b) => b.affected / b.decisions - a.affected / a.decisions);
  return [
    `${WHAT_IT_DOES[effect]} ${different} of ${decisions(known)} differ (${percent(different, known)}).`,
    ...(notKnown === 0
      ? []
      : [
          `Not known from these records: ${notKnown}. They do not hold ${missing.map((one) => `${one.what} (${one.decisions})`).join(', ')}.`,
        ]),
    ...section('Look at this', findings.map(describeFinding)),
    ...section('Rules', changes.map(describeChange)),
    ...section('Actions', [...actions.slice(0, ACTIONS_SHOWN).map(describeAction), ...more(actions.length, ACTIONS_SHOWN)]),
    ...section('Customers', [...affected.slice(0, GROUPS_SHOWN).map(describeGroup), ...more(affected.length, GROUPS_SHOWN)]),
    ...(groupsTooSmall === 0 ? [] : ['', `${count(groupsTooSmall, 'group', 'groups')} of fewer than ten customers left out.`]),
  ];
}

function describeFinding(finding: Finding): string {
  switch (finding.kind) {
    case 'eligibility-removed': {
      const { actionId, conditions, left, won } = finding;
      const rest = left === 0 ? 'nothing else says who may be offered it' : `${count(left, 'condition is', 'conditions are')} left`;
      return `${actionId} may be offered without ${quoted(conditions)}; ${rest}; shown in ${won} more ${won === 1 ? 'decision' : 'decisions'}`;
    }
    case 'contact-policy-not-applied': {
      const { policy, why, actions, unlimited, won } = finding;
      const gone = why === 'removed' ? `contact policy ${policy} is gone` : `contact policy ${policy} covers less`;
      const free = unlimited.length === 0 ? 'each is still limited by another' : `nothing limits ${unlimited.join(', ')} any more`;
      return `${gone}: it no longer limits ${actions.join(', ')}; ${free}; shown in ${won} more ${won === 1 ? 'decision' : 'decisions'}`;
    }
    case 'contact-policy-silent':
      return `contact policy ${finding.policy} held something back in ${decisions(finding.decisions)} and would in none`;
    case 'endless-suppression': {
      const { policy, days, actions, lost } = finding;
      return `contact policy ${policy} lets ${count(actions, 'action', 'actions')} rest for ${days} days, longer than history is kept: for ever; ${decisions(lost)} lost`;
    }
    case 'endless-exclusion':
      return `${finding.actionId} is excluded for ${finding.days} days: for ever; ${decisions(finding.lost)} lost`;
    case 'never-shown': {
      const { actionId, shownBefore, stages } = finding;
      const ends = stages.slice(0, MOVES_SHOWN).map(({ stage, decisions: number }) => `${stage} ${number}`);
      return `${actionId} would never be shown any more (was in ${decisions(shownBefore)}); it ends at ${ends.join(', ')}`;
    }
  }
}

function describeChange({ of, id, change, part, from, to }: RuleChange): string {
  const name = [of, id].filter((word) => word !== '').join(' ');
  if (part === '') return `${name} ${change}`;
  if (change === 'reworded') return `${name}: ${part} reworded`;
  if (from === null) return `${name}: ${part} added ${quoted([to ?? ''])}`;
  if (to === null) return `${name}: ${part} removed ${quoted([from])}`;
  return `${name}: ${part} ${quoted([from])} → ${quoted([to])}`;
}

function describeAction({ actionId, shownBefore, shownAfter, won, lost, moves }: ActionEffect): string {
  const moved = moves.slice(0, MOVES_SHOWN).map(({ from, to, decisions: number }) => `${from} → ${to} ${number}`);
  const more = moves.length > MOVES_SHOWN ? ', …' : '';
  const ends = moved.length === 0 ? '' : `; ends elsewhere: ${moved.join(', ')}${more}`;
  return `${actionId}: shown ${shownBefore} → ${shownAfter} (wins ${won}, loses ${lost})${ends}`;
}

function describeGroup({ field, value, customers, decisions: all, affected }: GroupEffect): string {
  return `${field} ${value}: ${affected} of ${decisions(all)} (${percent(affected, all)}), ${count(customers, 'customer', 'customers')}`;
}
