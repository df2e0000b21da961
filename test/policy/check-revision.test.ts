import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkRevision, revisionHash } from '#policy';
import type { PolicyFile } from '#contract/policy.ts';
import type { BadRevision } from './bad/bad-revision.ts';
import { BAD_REVISIONS } from './bad-revisions.ts';
import { readRevision } from './read-revision.ts';

const good = readRevision(join(import.meta.dirname, 'fixtures/small'));
const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const check = (files: readonly PolicyFile[]) => checkRevision(files, { hash: sha256('any') });

const spoil = ({ file, change, name }: BadRevision): readonly PolicyFile[] => {
  const others = good.filter(({ path }) => path !== file);
  if (change === null) return others;
  if (typeof change === 'string') return [...others, { path: file, text: change }];
  const text = good.find(({ path }) => path === file)?.text;
  if (text === undefined || !text.includes(change[0])) throw new Error(`bad revision "${name}": ${file} has no ${change[0]}`);
  return [...others, { path: file, text: text.replace(change[0], () => change[1]) }];
};

const following = (features: string) =>
  check(good.map(({ path, text }) => ({ path, text: path === 'revision.yaml' ? `${text}adaptive: { features: [${features}] }\n` : text })));

describe('a good revision', () => {
  const result = check(good);
  const revision = result.ok ? result.revision : undefined;

  it('is accepted without a fault', () => {
    expect(result).toMatchObject({ ok: true });
  });

  it('has its actions sorted by issue, group and id', () => {
    expect(revision?.actions.map(({ issue, group, id }) => `${issue}/${group}/${id}`)).toEqual([
      'care/billing/explain-bill',
      'care/billing/read-terms',
      'growth/extras/credit',
      'growth/plans/bigger-plan',
    ]);
  });

  it('hands conditions and weights down from issue and group, and names the action in place of "this"', () => {
    const offer = revision?.actions.find(({ id }) => id === 'bigger-plan');
    expect(offer?.lever).toBe(0.95);
    expect(offer?.eligibility.map(({ text, file, line }) => `${file}:${line} ${text}`)).toEqual([
      'actions/growth/issue.yaml:4 call.identity != "unknown"',
      'actions/growth/issue.yaml:5 count("customer-declined", "this-issue", "90d") < 3',
      'actions/growth/plans/bigger-plan.yaml:14 profile.plan in ["basic", "plus"]',
      'actions/growth/plans/bigger-plan.yaml:15 profile.vulnerable == false',
    ]);
    expect(offer?.eligibility[1]?.condition).toEqual({
      op: 'compare',
      left: { kind: 'count', outcome: 'customer-declined', scope: { of: 'issue', name: 'growth' }, windowMs: 90 * 86_400_000 },
      is: '<',
      right: 3,
    });
  });

  it('gives each conjunct its own line, also inside a block', () => {
    const offer = revision?.actions.find(({ id }) => id === 'bigger-plan');
    expect(offer?.suitability.slice(1).map(({ text, line }) => [line, text])).toEqual([
      [21, '"mobile" in profile.products'],
      [22, 'model.churnRisk < 0.5'],
      [23, 'countVia("delivered", "group:plans", "letter", "30d") <= 1'],
    ]);
    const terms = revision?.actions.find(({ id }) => id === 'read-terms');
    expect(terms?.applicability.slice(1).map(({ text, line }) => [line, text])).toEqual([
      [10, 'call.elapsedS > 5'],
      [11, '!said("agent", "reading-terms")'],
      [12, 'call.direction == "outbound" || call.transfers >= 1'],
    ]);
  });

  it('knows its topics as values of call.topics, and the built-in fields', () => {
    expect(revision?.fields.find(({ path }) => path === 'call.topics')?.values).toEqual(['bill-shock', 'leaving', 'reading-terms']);
    expect(revision?.fields.length).toBe(26);
    expect(revision?.topics.find(({ topic }) => topic === 'reading-terms')?.by).toBe('agent');
  });

  it('is valid through the whole of its last day', () => {
    const offer = revision?.actions.find(({ id }) => id === 'bigger-plan');
    expect([offer?.validFromMs, offer?.validToMs]).toEqual([Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)]);
  });

  it('resolves constraints to the numbers of the actions they cover, and exclusions to their action', () => {
    const limited = check([
      ...good,
      {
        path: 'constraints.yaml',
        text: '- { id: plans, name: Plans a day, kind: volume, limit: 20, period: day, groups: [plans], actions: [credit] }\n- { id: money, name: Money, kind: budget, limit: 99.5, period: month, maxAgeMinutes: 5, issues: [growth] }\n',
      },
      {
        path: 'exclusions.yaml',
        text: '- { action: bigger-plan, channel: letter, reason: Wrong price, until: 2026-01-31T18:00:00+11:00 }\n- { action: bigger-plan, reason: Wrong price, until: 2026-01-01T00:00:00Z }\n',
      },
    ]);
    expect(limited).toMatchObject({
      ok: true,
      revision: {
        constraints: [
          { id: 'plans', name: 'Plans a day', kind: 'volume', limit: 20, period: 'day', maxAgeMs: 3_600_000, covers: [2, 3] },
          { id: 'money', name: 'Money', kind: 'budget', limit: 99.5, period: 'month', maxAgeMs: 300_000, covers: [2, 3] },
        ],
        exclusions: [
          { action: 3, channel: 'letter', reason: 'Wrong price', untilMs: Date.UTC(2026, 0, 31, 7) },
          { action: 3, reason: 'Wrong price', untilMs: Date.UTC(2026, 0, 1) },
        ],
      },
    });
    expect(revision).toMatchObject({ constraints: [], exclusions: [] });
  });

  it('keeps what propensities follow, and refuses to learn from what is protected or could point to one person', () => {
    expect(following('profile.plan, profile.hardship')).toMatchObject({
      ok: true,
      revision: {
        adaptive: {
          reward: 'agent',
          windowMs: 72 * 3_600_000,
          equalAt: 50,
          features: ['profile.plan', 'profile.hardship'],
          significant: false,
        },
      },
    });
    const refused = following('profile.vulnerable, profile.tenureMonths, profile.plna, profile.plan, profile.plan');
    expect(refused.ok ? [] : refused.faults.map(({ file, reason }) => `${file} ${reason}`)).toEqual([
      expect.stringMatching(/revision.yaml "profile.plan" is there twice/),
      expect.stringMatching(/revision.yaml "profile.tenureMonths" is of type number/),
      expect.stringMatching(/revision.yaml "profile.vulnerable" is a protected attribute/),
      expect.stringMatching(/revision.yaml there is no field "profile.plna"; did you mean "profile.plan"/),
    ]);
  });

  it('keeps influence, route, throttle and control', () => {
    const said = good.map(({ path, text }) => {
      if (path === 'revision.yaml') return { path, text: `${text}maturityThrottle: {}\ncontrol: { share: 0.05, salt: autumn }\n` };
      if (!path.endsWith('bigger-plan.yaml')) return { path, text };
      return { path, text: `${text}influence: [{ after: snoozed, weight: -80, over: 3d }, { after: seen, weight: 10, over: 400d }]\n` };
    });
    const result = check(said);
    expect(result).toMatchObject({
      ok: true,
      revision: { maturityThrottle: { startShare: 0.02, fullAtPositives: 200 }, control: { share: 0.05, salt: 'autumn' } },
    });
    const actions = result.ok ? result.revision.actions : [];
    expect(actions.find(({ id }) => id === 'bigger-plan')?.influence).toEqual([
      { after: 'snoozed', weight: -80, overMs: 3 * 86_400_000 },
      { after: 'seen', weight: 10, overMs: 400 * 86_400_000 },
    ]);
    expect(actions.find(({ id }) => id === 'credit')?.route).toEqual({
      levels: [{ role: 'approver', goalMs: 300_000, withinMs: 600_000 }],
      quorum: [],
      expiresAfterMs: 1_200_000,
      endsWithCall: true,
    });
  });

  it('knows the whole route, and what rules make significant', () => {
    const minute = 60_000;
    const credit =
      'request: { kind: credit, amount: 300 }\nroute: { role: approver, within: 4m, goal: 1m, escalate: [{ role: supervisor, within: 6m }], quorum: [{ from: 500, people: 3 }, { from: 100, people: 2 }], expiresAfter: 1h, afterCall: keep }';
    const files = good.map(({ path, text }) => {
      if (path.endsWith('credit.yaml')) return { path, text: text.replace('route: { role: approver, within: 10m }', credit) };
      return { path, text };
    });
    const rules = (text: string) => {
      const result = check([...files, { path: 'significance.yaml', text }]);
      if (!result.ok) throw new Error(JSON.stringify(result.faults));
      return result.revision;
    };
    const route = 'route: { role: council, within: 5m }';
    const all = rules(
      `- { id: kind, name: K, kinds: [change-plan], amountFrom: 12, ${route} }\n- { id: frail, name: F, anyOf: [profile.vulnerable], ${route} }\n`,
    );
    const byId = new Map(all.actions.map((action) => [action.id, action]));
    expect(byId.get('credit')?.route).toEqual({
      levels: [
        { role: 'approver', goalMs: minute, withinMs: 4 * minute },
        { role: 'supervisor', goalMs: 3 * minute, withinMs: 6 * minute },
      ],
      quorum: [
        { from: 100, people: 2 },
        { from: 500, people: 3 },
      ],
      expiresAfterMs: 60 * minute,
      endsWithCall: false,
    });
    expect(byId.get('bigger-plan')).toMatchObject({ significant: true, route: { levels: [{ role: 'council' }], endsWithCall: true } });
    expect(all.significance).toMatchObject([{ id: 'frail', anyOf: ['profile.vulnerable'], covers: [2, 3] }]);
    expect(rules(`- { id: high, name: H, amountFrom: 21, kinds: [credit], ${route} }\n`).actions[3]?.significant).toBe(false);
  });

  it('has a hash that depends on the files and not on their order', () => {
    expect(revisionHash(good.toReversed(), sha256)).toBe(revisionHash(good, sha256));
    expect(revisionHash(good.slice(1), sha256)).not.toBe(revisionHash(good, sha256));
    expect(revision?.hash).toBe(sha256('any'));
  });
});

describe('a bad revision is refused with file, line and what to do', () => {
  it('covers at least 220 ways to be bad, each once', () => {
    expect(BAD_REVISIONS.length).toBeGreaterThanOrEqual(220);
    expect(new Set(BAD_REVISIONS.map(({ name }) => name)).size).toBe(BAD_REVISIONS.length);
  });

  it.each(BAD_REVISIONS)('$name', (bad) => {
    const result = check(spoil(bad));
    const faults = result.ok ? [] : result.faults;
    const file = bad.at ?? bad.file;
    const here = faults.filter(
      (fault) => fault.file === file && fault.line === bad.line && bad.says.every((words) => fault.reason.includes(words)),
    );
    expect(here.length, JSON.stringify(faults, null, 1)).toBeGreaterThanOrEqual(1);
  });

  it('reports all faults at once', () => {
    const spoilt = BAD_REVISIONS.filter(({ file }) => file === 'care.yaml' || file === 'contact.yaml').slice(-3);
    const files = good.map((file) => {
      const bad = spoilt.find((candidate) => candidate.file === file.path && Array.isArray(candidate.change));
      return bad === undefined ? file : (spoil(bad).find(({ path }) => path === file.path) ?? file);
    });
    const result = check([...files.filter(({ path }) => path !== 'attention.yaml'), { path: 'nonsense.txt', text: 'x' }]);
    const found = result.ok ? [] : result.faults.map(({ file }) => file);
    expect(new Set(found).size).toBeGreaterThanOrEqual(3);
  });

  it('does not blame every condition for a field whose own declaration is broken', () => {
    const result = check(
      spoil({ name: 'broken declaration', file: 'fields.yaml', change: ['kind: fact', 'kind: fakt'], line: 0, says: [] }),
    );
    expect(result.ok ? [] : result.faults.map(({ file, line }) => `${file}:${line}`)).toEqual(['fields.yaml:6']);
  });

  it('does not blame every condition when fields.yaml cannot be read', () => {
    const result = check(spoil({ name: 'unreadable fields', file: 'fields.yaml', change: '- [', line: 0, says: [] }));
    expect(result.ok ? [] : [...new Set(result.faults.map(({ file }) => file))]).toEqual(['fields.yaml']);
  });
});
