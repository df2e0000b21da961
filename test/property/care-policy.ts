/** A policy in which much can be sold and five kinds of trouble forbid it. */
import { smallPolicy } from '../decisions/small-policy.ts';

/** Facts of the customer that forbid a sale while they are true or unknown; the complaint's goes stale after two days. */
export const TROUBLES = ['openComplaint', 'hardship', 'outage', 'bereaved', 'vulnerable'] as const;
export type Trouble = (typeof TROUBLES)[number];

/** What the customer may say, and the trouble it tells of. */
export const PHRASES = { 'I lost my job': 'hardship', 'my father has died': 'bereaved' } as const satisfies Record<string, Trouble>;
export type Phrase = keyof typeof PHRASES;

const fact = (name: string, kind: string, more: object = {}) => ({
  path: `profile.${name}`,
  type: 'boolean',
  label: name,
  subject: 'customer',
  kind,
  ...more,
});
const level = { capPerCall: 20, gapS: 0, interruptionCost: 0 };

export const CARE_POLICY = smallPolicy({
  revision: { maxChips: 2 },
  fields: TROUBLES.map((name) =>
    fact(name, name === 'vulnerable' ? 'protected' : 'fact', name === 'openComplaint' ? { maxAgeHours: 48 } : {}),
  ),
  phrases: { 'lost-job': { phrases: ['lost my job'] }, death: { phrases: ['has died'] }, upgrade: { phrases: ['more speed'] } },
  care: [
    { id: 'open-complaint', name: 'A complaint is settled first', when: 'profile.openComplaint' },
    { id: 'hardship', name: 'Nothing is sold in hardship', when: 'profile.hardship || "lost-job" in call.topics' },
    { id: 'outage', name: 'Nothing is sold without a service', when: 'profile.outage' },
    { id: 'bereavement', name: 'Nothing is sold around a death', when: 'profile.bereaved || "death" in call.topics' },
    { id: 'vulnerability', name: 'Nothing is sold where support is noted', when: 'profile.vulnerable' },
  ],
  attention: { pauseMs: 0, holdAtMostMs: 0, levels: { guided: level, standard: level, minimal: level } },
  'actions/retention/save/keep-offer': { sales: true, purpose: 'retention', value: 80 },
  'actions/sales/extras/device-cover': { sales: true, purpose: 'service', value: 90 },
  'actions/sales/plans/bigger-plan': { sales: true, purpose: 'marketing', value: 100 },
  'actions/sales/plans/must-offer': {
    sales: true,
    purpose: 'service',
    mandatory: true,
    value: 10,
    applicability: ['"upgrade" in call.topics'],
  },
  'actions/service/help/explain-bill': { purpose: 'service', value: 200, applicability: ['!("upgrade" in call.topics)'] },
  'actions/service/help/warn-of-fraud': { purpose: 'legal-duty', value: 5 },
});
