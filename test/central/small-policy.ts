/** A revision with three actions: one that asks nothing, one that asks the system of record, one that needs a second person. */
import type { PolicyFile } from '#contract/policy.ts';

const action = (id: string, more: string): PolicyFile => ({
  path: `actions/care/billing/${id}.yaml`,
  text: `id: ${id}
name: Action ${id}
urgency: should
purpose: service
value: 30
startingPropensity: 0.5
${more}reasons:
  - when: "true"
    text: It helps now
treatments:
  - id: voice
    channel: voice
    language: en
    do: Do ${id}
`,
});

export const smallPolicy = (version = 1): readonly PolicyFile[] => [
  { path: 'revision.yaml', text: `name: Small\nversion: ${version}\ncurrency: AUD\nlanguage: en\nusableOfflineHours: 72\n` },
  { path: 'fields.yaml', text: '- path: profile.plan\n  type: text\n  label: Plan\n  subject: account\n  kind: fact\n' },
  { path: 'purposes.yaml', text: '- id: service\n  name: Serving the contract\n  basis: contract\n' },
  { path: 'phrases.yaml', text: 'moving:\n  phrases: [moving house]\n' },
  { path: 'care.yaml', text: '[]\n' },
  { path: 'contact.yaml', text: '[]\n' },
  {
    path: 'attention.yaml',
    text: `pauseMs: 700
holdAtMostMs: 3000
levels:
  guided: { capPerCall: 5, gapS: 20, interruptionCost: 1 }
  standard: { capPerCall: 3, gapS: 40, interruptionCost: 2 }
  minimal: { capPerCall: 2, gapS: 60, interruptionCost: 4 }
`,
  },
  { path: 'actions/care/issue.yaml', text: 'name: Care\n' },
  { path: 'actions/care/billing/group.yaml', text: 'name: Billing\n' },
  action('explain-bill', ''),
  action('change-plan', 'request:\n  kind: change-plan\n  amount: 12.5\n'),
  action('big-credit', 'significant: true\nroute: { role: approver, within: 10m }\nrequest:\n  kind: give-credit\n  amount: 500\n'),
];
