/** What a privacy officer orders about one person's data, and how far desks have carried it out. */
import { SUBJECTS_PATH, SubjectOrders } from '#contract/subject-orders.ts';
import { centralCommand } from '../central/central-command.ts';
import { describeOrders } from '../central/describe-orders.ts';
import type { Given } from '../command.ts';

const CUSTOMER = { customer: { type: 'string', value: 'ID', help: 'Whose data', required: true } } as const;
const pathOf = (given: Given): string => `${SUBJECTS_PATH}/${encodeURIComponent(given.required('customer'))}`;

export const subjectOrders = centralCommand({
  summary: 'Show what was ordered about one customer’s data, and how many desks have carried it out',
  positionals: [],
  options: CUSTOMER,
  tell: (given) => ({ method: 'GET', path: `${pathOf(given)}/orders`, answer: SubjectOrders }),
  describe: describeOrders,
});

export const subjectHold = centralCommand({
  summary: 'Keep one customer’s data from retention and erasure, for a legal reason and until a day',
  positionals: [],
  options: {
    ...CUSTOMER,
    until: { type: 'string', value: 'DATE', help: 'Until when, as 2027-03-31; a day that is past ends the hold in force', required: true },
    basis: { type: 'string', value: 'TEXT', help: 'Why: the proceeding, the statute', required: true },
  },
  tell: (given) => {
    const untilMs = Date.parse(given.required('until'));
    if (Number.isNaN(untilMs)) return `--until is a date such as 2027-03-31, not "${given.required('until')}"`;
    return { method: 'POST', path: `${pathOf(given)}/hold`, body: { untilMs, basis: given.required('basis') }, answer: SubjectOrders };
  },
  describe: describeOrders,
});

export const subjectErase = centralCommand({
  summary: 'Forget one customer, at central and at every desk',
  positionals: [],
  options: { ...CUSTOMER, yes: { type: 'boolean', help: 'Do it: it cannot be undone' } },
  notes:
    'Desks that are away forget when they are back. What was exported, and backups, are not reached: a backup that is put back erases again.',
  tell: (given) =>
    given.flag('yes')
      ? { method: 'POST', path: `${pathOf(given)}/erase`, body: { erase: given.required('customer') }, answer: SubjectOrders }
      : 'it cannot be undone: give --yes to do it',
  describe: describeOrders,
});
