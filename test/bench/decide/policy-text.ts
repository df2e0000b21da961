/** The workload as a policy revision: the files its author would write. */
import type { PolicyFile } from '#contract/policy.ts';
import { type Asked, ISSUES, NUMBERS, REASON_FACTOR, VALUES, WORDS, type Workload, type WorkloadAction } from './workload.ts';

/** What the customer chose in the menu where the call is about an issue. */
export const choiceOf = (issue: number): string => `issue-${issue}`;

const condition = (asked: Asked): string => {
  const field = `profile.${asked.field}`;
  return asked.op === 'in' ? `${field} in ${JSON.stringify(asked.values)}` : `${field} ${asked.op} ${JSON.stringify(asked.value)}`;
};

const list = (stage: string, asked: readonly Asked[]): string => `${stage}:\n${asked.map((one) => `  - '${condition(one)}'`).join('\n')}`;

const actionText = ({ id, issue, conditions, value, lever }: WorkloadAction): string => `id: ${id}
name: Offer ${id}
urgency: could
purpose: service
value: ${value}
weight: ${(lever - 1) * 100}
startingPropensity: 0.1
startingEvidence: 0
context:
  - when: '"${choiceOf(issue)}" in call.ivr'
    weight: ${(REASON_FACTOR - 1) * 100}
${list('eligibility', conditions.slice(0, 2))}
${list('applicability', conditions.slice(2, 4))}
${list('suitability', conditions.slice(4))}
reasons:
  - when: ${condition(conditions[0])}
    text: "{profile.${conditions[0].field}} is enough"
treatments:
  - id: voice
    channel: voice
    language: en
    do: Offer ${id}
`;

const field = (path: string, type: string): string => `- path: ${path}
  ${type}
  label: Field ${path}
  subject: customer
  kind: fact
  changeableBy: customer
`;

const fieldsText = (): string =>
  [
    ...Array.from({ length: NUMBERS }, (_, i) => field(`profile.f${i}`, 'type: number')),
    ...Array.from({ length: WORDS }, (_, i) => field(`profile.c${i}`, `type: enum\n  values: [${VALUES.join(', ')}]`)),
  ].join('');

/** Contact limits that count everything in the history and are never reached. */
const CONTACT = (['action', 'group', 'issue', 'all'] as const)
  .map(
    (per) => `- id: ${per}-limit
  name: Never reached, per ${per}
  per: ${per}
  counts: seen
  limit: 1000
  window: 400d
  suppressFor: 1d
`,
  )
  .join('');

const LEVEL = '{ capPerCall: 20, gapS: 0, interruptionCost: 0 }';

/** Every file of the revision. With `limits`, contact policies count what is in a customer's history. */
export function policyText(workload: Workload, { limits = false } = {}): readonly PolicyFile[] {
  const issues = Array.from({ length: ISSUES }, (_, issue) => issue);
  return [
    {
      path: 'revision.yaml',
      text: 'name: Common workload\nversion: 1\ncurrency: EUR\nlanguage: en\nusableOfflineHours: 72\nmaxChips: 2\nuseModel: true\n',
    },
    { path: 'fields.yaml', text: fieldsText() },
    { path: 'purposes.yaml', text: '- id: service\n  name: Serving the contract\n  basis: contract\n' },
    { path: 'phrases.yaml', text: '{}\n' },
    { path: 'care.yaml', text: '[]\n' },
    { path: 'contact.yaml', text: limits ? CONTACT : '[]\n' },
    {
      path: 'attention.yaml',
      text: `pauseMs: 0\nholdAtMostMs: 0\nlevels:\n  guided: ${LEVEL}\n  standard: ${LEVEL}\n  minimal: ${LEVEL}\n`,
    },
    ...issues.flatMap((issue) => [
      { path: `actions/issue-${issue}/issue.yaml`, text: `name: Issue ${issue}\n` },
      { path: `actions/issue-${issue}/group-${issue}/group.yaml`, text: `name: Group ${issue}\n` },
    ]),
    ...workload.actions.map((action) => ({
      path: `actions/issue-${action.issue}/group-${action.issue}/${action.id}.yaml`,
      text: actionText(action),
    })),
  ];
}
