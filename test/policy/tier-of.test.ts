import { describe, expect, test } from 'vitest';
import type { PolicyFile } from '#contract/policy.ts';
import { revisionHash, tierOf } from '#policy';
import { sha256 } from '#test/central/fixture.ts';
import { checked, EXPLAIN } from '#test/central/governing.ts';
import { smallPolicy } from '#test/central/small-policy.ts';

const contact = (limit: number, days: number): string =>
  `- id: often\n  name: Not too often\n  per: issue\n  counts: seen\n  limit: ${limit}\n  window: 7d\n  suppressFor: ${days}d\n`;

const withContact = (text: string) => smallPolicy().map((file) => (file.path === 'contact.yaml' ? { ...file, text } : file));

describe('whose a change is', () => {
  const base = withContact(contact(3, 7));
  const change = (path: string, from: string, to: string) =>
    base.map((file) => (file.path === path ? { ...file, text: file.text.replace(from, to) } : file));
  const cases: readonly (readonly [string, readonly PolicyFile[], 'council' | 'huddle'])[] = [
    ['another wording', change(EXPLAIN, 'do: Do explain-bill', 'do: Say it'), 'huddle'],
    ['another reason', change(EXPLAIN, 'text: It helps now', 'text: It helps'), 'huddle'],
    ['another weight', change('actions/care/issue.yaml', 'name: Care\n', 'name: Care\nweight: 20\n'), 'huddle'],
    ['another value', change(EXPLAIN, 'value: 30', 'value: 10'), 'huddle'],
    ['another cost of interrupting', change('attention.yaml', 'gapS: 40', 'gapS: 90'), 'huddle'],
    ['a stricter contact limit', withContact(contact(2, 7)), 'huddle'],
    ['a longer rest', withContact(contact(3, 14)), 'huddle'],
    ['a contact policy more', withContact(`${contact(3, 7)}${contact(5, 7).replace('id: often', 'id: more')}`), 'huddle'],
    ['a looser contact limit', withContact(contact(4, 7)), 'council'],
    ['a shorter rest', withContact(contact(3, 2)), 'council'],
    ['a contact policy gone', withContact('[]\n'), 'council'],
    ['a condition more', change(EXPLAIN, 'reasons:', 'eligibility: [\'profile.plan == "gold"\']\nreasons:'), 'council'],
    ['made mandatory', change(EXPLAIN, 'urgency: should', 'urgency: should\nmandatory: true'), 'council'],
    [
      'no longer significant',
      change('actions/care/billing/big-credit.yaml', 'significant: true\nroute: { role: approver, within: 10m }\n', ''),
      'council',
    ],
    ['another amount', change('actions/care/billing/change-plan.yaml', 'amount: 12.5', 'amount: 900'), 'council'],
    ['an action gone', base.filter(({ path }) => path !== EXPLAIN), 'council'],
    ['usable longer without central', change('revision.yaml', 'usableOfflineHours: 72', 'usableOfflineHours: 100'), 'council'],
    ['another basis', change('purposes.yaml', 'basis: contract', 'basis: legal-obligation'), 'council'],
    ['other phrases', change('phrases.yaml', 'moving house', 'house moving'), 'council'],
  ];
  test.each(cases)('%s', (name, files, tier) => {
    expect(name).not.toBe('');
    expect(revisionHash(files, sha256)).not.toBe(revisionHash(base, sha256));
    expect(tierOf(checked(base), checked(files))).toBe(tier);
  });

  test('the first revision is all policy', () => {
    expect(tierOf(null, checked(base))).toBe('council');
  });
});
