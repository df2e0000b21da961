import type { SubjectOrder, SubjectOrders } from '#contract/subject-orders.ts';

const time = (ms: number): string => new Date(ms).toISOString();

const describeOrder = ({ kind, atMs, untilMs, basis, orderedBy, desks, desksDone }: SubjectOrder): string => {
  const what = kind === 'erase' ? 'forget' : `keep until ${time(untilMs ?? 0)}${basis === null ? '' : ` (${basis})`}`;
  return `${time(atMs)} ${what}${orderedBy === null ? '' : ` by ${orderedBy}`}: carried out at ${desksDone} of ${desks} desks`;
};

export const describeOrders = ({ customerId, orders }: SubjectOrders): readonly string[] =>
  orders.length === 0 ? [`nothing was ordered about ${customerId}`] : orders.map(describeOrder);
