import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEMO_FOLDER, loadOrganisation, type Organisation, OrganisationError } from '#central/demo/organisation.ts';
import type { ProfileSlice } from '#contract/profile.ts';

const NOW_MS = Date.UTC(2026, 4, 4, 9);
const DAY_MS = 86_400_000;

let organisation: Organisation;
let copy: string;

beforeAll(async () => {
  organisation = await loadOrganisation({ nowMs: NOW_MS });
  copy = await mkdtemp(join(tmpdir(), 'sotto-demo-'));
});
afterAll(() => rm(copy, { recursive: true }));

const number = ({ fields }: ProfileSlice, name: string): number => {
  const value = fields[name];
  return typeof value === 'number' ? value : Number.NaN;
};
const text = ({ fields }: ProfileSlice, name: string): string => String(fields[name] ?? '');
const flag = ({ fields }: ProfileSlice, name: string): boolean => fields[name] === true;

/** Customers for which a promise does not hold, by id: an empty list in the expectation names the offenders when it fails. */
const offenders = (holds: (customer: ProfileSlice) => boolean): readonly string[] =>
  organisation.customers.filter((customer) => !holds(customer)).map(({ customerId }) => customerId);

test('the organisation loads with at least 60 actions, 300 customers, 15 calls and 4 agents of every level', () => {
  expect(organisation.revision.actions.length).toBeGreaterThanOrEqual(60);
  expect(organisation.customers).toHaveLength(300);
  expect(organisation.scripts.length).toBeGreaterThanOrEqual(15);
  expect(organisation.agents.length).toBeGreaterThanOrEqual(4);
  expect(new Set(organisation.agents.map(({ level }) => level))).toEqual(new Set(['guided', 'standard', 'minimal']));
});

test('the catalogue covers every issue, every basis, must-say lines, significant actions and requests', () => {
  const { actions, purposes, care, topics } = organisation.revision;
  expect(new Set(actions.map(({ issue }) => issue))).toEqual(
    new Set(['service-recovery', 'retention', 'hardship', 'collections', 'education', 'sales', 'compliance']),
  );
  expect(new Set(purposes.map(({ basis }) => basis)).size).toBe(4);
  expect(care.length).toBeGreaterThanOrEqual(5);
  expect(topics.length).toBeGreaterThanOrEqual(20);
  const musts = actions.filter(({ mandatory }) => mandatory);
  expect(musts.length).toBeGreaterThanOrEqual(10);
  expect(musts.filter(({ urgency }) => urgency !== 'must')).toEqual([]);
  expect(musts.filter(({ purpose }) => purposes[purpose]?.basis !== 'legal-obligation').map(({ id }) => id)).toEqual([]);
  expect(actions.filter(({ significant }) => significant).length).toBeGreaterThanOrEqual(4);
  expect(actions.filter(({ request }) => request !== undefined).length).toBeGreaterThanOrEqual(30);
});

test('sales are exactly the actions marked as such, and all need consent', () => {
  const { actions, purposes } = organisation.revision;
  const sold = actions.filter(({ sales }) => sales);
  expect(sold.length).toBeGreaterThanOrEqual(10);
  expect(actions.filter(({ sales, issue }) => sales !== (issue === 'sales')).map(({ id }) => id)).toEqual([]);
  expect(sold.filter(({ purpose }) => purposes[purpose]?.basis !== 'consent').map(({ id }) => id)).toEqual([]);
});

test('texts fit the card: at most eight words to do, and a line to say for every spoken treatment', () => {
  const treatments = organisation.revision.actions.flatMap((action) =>
    action.treatments.map((treatment) => ({ ...treatment, id: action.id })),
  );
  expect(treatments.length).toBeGreaterThan(100);
  expect(treatments.filter((treatment) => treatment.do.split(' ').length > 8)).toEqual([]);
  expect(treatments.filter(({ channel, say }) => channel === 'voice' && say === undefined)).toEqual([]);
  const spoken = new Set(treatments.filter(({ channel, language }) => channel === 'voice' && language === 'en').map(({ id }) => id));
  expect(organisation.revision.actions.filter(({ id }) => !spoken.has(id)).map(({ id }) => id)).toEqual([]);
});

test('what may be read out names no security state', () => {
  const spoken = organisation.revision.actions.flatMap(({ reasons }) =>
    reasons.flatMap(({ speak }) => (speak === undefined ? [] : [speak])),
  );
  expect(spoken.length).toBeGreaterThan(80);
  expect(spoken.filter((line) => /security state|watch|flag|fraud|vulnerab|disab/i.test(line))).toEqual([]);
});

test('every customer field is declared, of its type, and one of its values', () => {
  const fields = new Map(organisation.revision.fields.map((field) => [field.path, field]));
  let looked = 0;
  const wrong: string[] = [];
  for (const { customerId, fields: values } of organisation.customers) {
    for (const [name, value] of Object.entries(values)) {
      looked += 1;
      const field = fields.get(`profile.${name}`);
      const fits =
        field !== undefined &&
        (field.type === 'time'
          ? typeof value === 'string' && !Number.isNaN(Date.parse(value))
          : field.type === 'enum'
            ? typeof value === 'string' && (field.values ?? []).includes(value)
            : field.type === 'set'
              ? Array.isArray(value) && value.every((item) => (field.values ?? []).includes(item))
              : typeof value === (field.type === 'text' ? 'string' : field.type));
      if (!fits) wrong.push(`${customerId} ${name}`);
    }
  }
  expect(looked).toBeGreaterThan(10_000);
  expect(wrong).toEqual([]);
});

test('the fields of care rules are known for every customer, so that care withholds sales only for a reason', () => {
  const needed = ['openComplaint', 'hasHardship', 'areaOutage', 'openFault', 'bereavement', 'vulnerable'];
  expect(offenders(({ fields }) => needed.every((name) => fields[name] !== undefined && fields[name] !== null))).toEqual([]);
});

const PLAN: Readonly<Record<string, number>> = {
  none: 0,
  landline: 18,
  'fibre-100': 28,
  'fibre-250': 34,
  'fibre-500': 42,
  'fibre-900': 52,
};
const MOBILE: Readonly<Record<string, number>> = { none: 0, 'sim-5': 8, 'sim-30': 13, unlimited: 20 };
const ADD_ON: Readonly<Record<string, number>> = {
  'roaming-pass': 15,
  'whole-home-wifi': 6,
  sports: 10,
  'call-guard': 2,
  'device-cover': 7,
};

const priceOf = (customer: ProfileSlice): number => {
  const addOns = customer.fields['addOns'];
  const discountEndsAt = Date.parse(text(customer, 'discountEndsAt'));
  return (
    (flag(customer, 'onSocialTariff') ? 15 : PLAN[text(customer, 'plan')]!) +
    ((MOBILE[text(customer, 'mobilePlan')]! * (number(customer, 'mobileLines') + 1)) / 2) *
      (text(customer, 'mobilePlan') === 'none' ? 0 : 1) +
    (flag(customer, 'hasTv') ? 12 : 0) +
    (Array.isArray(addOns) ? addOns.reduce((sum, name) => sum + ADD_ON[name]!, 0) : Number.NaN) -
    (discountEndsAt > NOW_MS ? 8 : 0)
  );
};

test('the monthly price is the sum of what the customer has', () => {
  expect(offenders((customer) => Math.abs(priceOf(customer) - number(customer, 'monthlyPrice')) < 0.011)).toEqual([]);
});

test('bills add up, and their reason fits plan, use and discount', () => {
  expect(
    offenders(
      (c) =>
        Math.abs(number(c, 'lastBill') - number(c, 'usualBill') - number(c, 'billIncrease')) < 0.011 &&
        number(c, 'lastBill') >= number(c, 'monthlyPrice') - 0.01,
    ),
  ).toEqual([]);
  expect(
    offenders((c) => {
      switch (text(c, 'billReason')) {
        case 'usual':
          return number(c, 'billIncrease') === 0;
        case 'roaming':
          return number(c, 'roamingCharges') === number(c, 'billIncrease') && text(c, 'mobilePlan') !== 'none' && !flag(c, 'spendCap');
        case 'overage':
          return (
            number(c, 'mobileGb') > (text(c, 'mobilePlan') === 'sim-5' ? 5 : 30) && number(c, 'overageMonths') >= 1 && !flag(c, 'spendCap')
          );
        case 'discount-ended':
          return Date.parse(text(c, 'discountEndsAt')) < NOW_MS && number(c, 'billIncrease') === 8;
        default:
          return number(c, 'billIncrease') > 0;
      }
    }),
  ).toEqual([]);
  expect(new Set(organisation.customers.map((c) => text(c, 'billReason'))).size).toBe(8);
});

test('arrears, instalments and contract ends are consistent', () => {
  expect(offenders((c) => number(c, 'arrears') > 0 === number(c, 'arrearsDays') > 0)).toEqual([]);
  expect(offenders((c) => number(c, 'brokenPromises') === 0 || flag(c, 'paymentPlan'))).toEqual([]);
  expect(offenders((c) => !flag(c, 'onSocialTariff') || flag(c, 'hasHardship'))).toEqual([]);
  expect(
    offenders((c) => {
      const months = number(c, 'contractMonthsLeft');
      const endsAt = Date.parse(text(c, 'contractEndsAt'));
      return months === 0 ? Number.isNaN(endsAt) : Math.abs((endsAt - NOW_MS) / DAY_MS - months * 30) <= 31;
    }),
  ).toEqual([]);
});

test('a fault in an area is a fault for every home in it, and for nobody without a home line', () => {
  const states = new Map<string, Set<string>>();
  for (const customer of organisation.customers) {
    if (text(customer, 'plan') === 'none') continue;
    const area = text(customer, 'area');
    states.set(area, (states.get(area) ?? new Set()).add(text(customer, 'areaOutage')));
  }
  expect(states.size).toBeGreaterThanOrEqual(10);
  expect([...states].filter(([, found]) => found.size > 1)).toEqual([]);
  expect(offenders((c) => text(c, 'plan') !== 'none' || text(c, 'areaOutage') === 'none')).toEqual([]);
  expect(offenders((c) => text(c, 'areaOutage') !== 'active' || Date.parse(text(c, 'outageStartedAt')) < NOW_MS)).toEqual([]);
  expect(organisation.customers.filter((c) => text(c, 'areaOutage') === 'active').length).toBeGreaterThanOrEqual(5);
});

const fibre = (c: ProfileSlice) => text(c, 'plan').startsWith('fibre');

test('products and usage belong together', () => {
  expect(offenders((c) => !flag(c, 'hasTv') || fibre(c))).toEqual([]);
  expect(offenders((c) => text(c, 'plan') !== 'none' || text(c, 'mobilePlan') !== 'none')).toEqual([]);
  expect(offenders((c) => number(c, 'mobileLines') > 0 === (text(c, 'mobilePlan') !== 'none'))).toEqual([]);
  expect(offenders((c) => (text(c, 'plan') === 'none') === Number.isNaN(number(c, 'broadbandGb')))).toEqual([]);
  expect(offenders((c) => !flag(c, 'openFault') || number(c, 'faultTickets90d') >= 1)).toEqual([]);
  expect(offenders((c) => flag(c, 'openComplaint') === number(c, 'complaintDays') > 0)).toEqual([]);
});

test('history fits consents, calls and tenure: nothing is sold without a grant, and calls are counted', () => {
  const { actions, purposes } = organisation.revision;
  const consentOf = new Map(actions.filter(({ sales }) => sales).map(({ id, purpose }) => [id, purposes[purpose]?.id]));
  const known = new Set(actions.map(({ id }) => id));
  let looked = 0;
  expect(
    offenders(({ history, consents }) =>
      history.every(({ kind, actionId, atMs }) => {
        if (actionId === undefined) return true;
        looked += 1;
        const purpose = consentOf.get(actionId);
        if (!known.has(actionId)) return false;
        return (
          purpose === undefined ||
          kind !== 'seen' ||
          consents.some((consent) => consent.purpose === purpose && consent.granted && consent.atMs < atMs)
        );
      }),
    ),
  ).toEqual([]);
  expect(looked).toBeGreaterThan(300);
  expect(offenders(({ history }) => history.every(({ atMs }, i) => atMs < NOW_MS && atMs >= (history[i - 1]?.atMs ?? 0)))).toEqual([]);
  expect(
    offenders(
      (c) =>
        new Set(c.history.filter(({ channel, atMs }) => channel === 'voice' && atMs > NOW_MS - 30 * DAY_MS).map(({ atMs }) => atMs))
          .size === number(c, 'callsLast30d'),
    ),
  ).toEqual([]);
  expect(offenders((c) => c.history.every(({ atMs }) => atMs >= NOW_MS - (number(c, 'tenureMonths') * 30 + 32) * DAY_MS))).toEqual([]);
});

test('the demonstration is the same on any day: only the moments move along', async () => {
  const later = await loadOrganisation({ nowMs: NOW_MS + 100 * DAY_MS });
  const outage = organisation.customers.find((c) => text(c, 'areaOutage') === 'active')!;
  const same = later.customers.find(({ customerId }) => customerId === outage.customerId)!;
  expect(Date.parse(text(same, 'outageStartedAt')) - Date.parse(text(outage, 'outageStartedAt'))).toBe(100 * DAY_MS);
  expect(same.consents.map(({ atMs }) => atMs - 100 * DAY_MS)).toEqual(outage.consents.map(({ atMs }) => atMs));
  expect(same.asOfMs).toBe(NOW_MS + 100 * DAY_MS);
});

const refusal = async (file: string, change: (text: string) => string): Promise<string> => {
  await cp(DEMO_FOLDER, copy, { recursive: true, force: true });
  await writeFile(join(copy, file), change(await readFile(join(copy, file), 'utf8')));
  const error: unknown = await loadOrganisation({ nowMs: NOW_MS, folder: `${copy}/` }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OrganisationError);
  return (error as Error).message;
};

test('a data file that is wrong is refused with its name and what to mend', async () => {
  expect(await refusal('customers.jsonl', (all) => all.replace('"daysAgo"', '"daysBefore"'))).toContain('customers.jsonl:1');
  expect(await refusal('customers.jsonl', (all) => all.replaceAll('"cust-0002"', '"cust-0001"'))).toContain('cust-0001 is there twice');
  expect(await refusal('calls/outage.yaml', (all) => all.replace('action: lend-mobile-data', 'action: lend-mobile-date'))).toContain(
    'lend-mobile-date',
  );
  expect(await refusal('calls/outage.yaml', (all) => all.replace('cust-0002', 'cust-9999'))).toContain('cust-9999');
  expect(await refusal('agents.yaml', (all) => all.replace('level: guided', 'level: expert'))).toContain('agents.yaml');
  expect(await refusal('policy/care.yaml', (all) => all.replace('profile.openComplaint', 'profile.openComplaints'))).toContain(
    'care.yaml:',
  );
});

test('the training responses name scored actions and unprotected fields, with enough rows of each', async () => {
  const [head = '', ...rows] = (await readFile(join(DEMO_FOLDER, 'training', 'responses.csv'), 'utf8')).trim().split('\n');
  const columns = head.split(',');
  const fields = new Map(organisation.revision.fields.map((field) => [field.path, field]));
  const features = columns.filter((name) => name.includes('.'));
  expect(features.length).toBeGreaterThanOrEqual(12);
  expect(features.filter((path) => !fields.has(path) || fields.get(path)?.kind === 'protected')).toEqual([]);
  const counts = new Map<string, { rows: number; accepted: number }>();
  for (const row of rows) {
    const cells = row.split(',');
    expect(cells).toHaveLength(columns.length);
    const action = cells[columns.indexOf('actionId')]!;
    const before = counts.get(action) ?? { rows: 0, accepted: 0 };
    counts.set(action, { rows: before.rows + 1, accepted: before.accepted + Number(cells[columns.indexOf('accepted')]) });
  }
  const scored = organisation.revision.actions.filter(({ mandatory }) => !mandatory);
  expect(scored.filter(({ id }) => (counts.get(id)?.rows ?? 0) < 60).map(({ id }) => id)).toEqual([]);
  expect([...counts.values()].filter(({ rows, accepted }) => accepted === 0 || accepted === rows)).toEqual([]);
});
