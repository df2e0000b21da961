/**
 * A revision as large as is asked for, for measuring how long it takes to load. Its actions are shaped like those of a real
 * one (five conditions over sixty fields, two reasons, a context weight, one treatment); the same count gives the same files.
 */
import type { PolicyFile } from '#contract/policy.ts';

export type Notation = 'yaml' | 'json';

const NUMBERS = 40;
const WORDS = 20;
const VALUES = ['v0', 'v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7'] as const;
const ISSUES = 8;
const GROUPS = 5;

/** The files of a revision of `actions` actions, in the order of their paths. */
export const generatedRevision = (actions: number, notation: Notation): readonly PolicyFile[] => {
  const random = numbersFrom(7 + actions);
  const below = (limit: number): number => Math.floor(random() * limit);
  const number = (): string => `profile.f${below(NUMBERS)}`;
  const files: PolicyFile[] = [];
  const add = (name: string, value: object): void => {
    files.push({
      path: `${name}.${notation}`,
      text: notation === 'yaml' ? `${yaml(value).join('\n')}\n` : `${JSON.stringify(value, null, 2)}\n`,
    });
  };

  add('revision', { name: 'Generated', version: 1, currency: 'AUD', language: 'en-AU', usableOfflineHours: 72 });
  add('fields', [
    ...Array.from({ length: NUMBERS }, (_, i) => ({
      path: `profile.f${i}`,
      type: 'number',
      label: `Number ${i}`,
      subject: 'account',
      kind: 'fact',
    })),
    ...Array.from({ length: WORDS }, (_, i) => ({
      path: `profile.c${i}`,
      type: 'enum',
      values: VALUES,
      label: `Word ${i}`,
      subject: 'customer',
      kind: 'behaviour',
    })),
  ]);
  add('purposes', [
    { id: 'marketing', name: 'Offers', basis: 'consent' },
    { id: 'service', name: 'Serving the contract', basis: 'contract' },
  ]);
  add('phrases', { leaving: { phrases: ['cancel my service', 'switch provider'] } });
  add('care', [{ id: 'leaving', name: 'Nothing is sold to who wants to leave', when: '"leaving" in call.topics && profile.f0 > 900' }]);
  add('contact', [{ id: 'week', name: 'Twice a week', per: 'action', counts: 'seen', limit: 2, window: '7d', suppressFor: '7d' }]);
  const level = { capPerCall: 3, gapS: 40, interruptionCost: 2 };
  add('attention', { pauseMs: 700, holdAtMostMs: 3_000, levels: { guided: level, standard: level, minimal: level } });
  for (let issue = 0; issue < ISSUES; issue++) {
    add(`actions/issue-${issue}/issue`, { name: `Issue ${issue}`, weight: 10 * issue });
    for (let group = 0; group < GROUPS; group++) add(`actions/issue-${issue}/group-${issue}-${group}/group`, { name: `Group ${group}` });
  }
  for (let i = 0; i < actions; i++) {
    const [issue, group, sales] = [i % ISSUES, Math.floor(i / ISSUES) % GROUPS, i % 3 === 0];
    const word = below(WORDS);
    const listed = VALUES.toSpliced(below(VALUES.length), 1).toSpliced(below(VALUES.length - 1), 1);
    add(`actions/issue-${issue}/group-${issue}-${group}/offer-${i}`, {
      id: `offer-${i}`,
      name: `Offer number ${i}`,
      sales,
      urgency: 'could',
      purpose: sales ? 'marketing' : 'service',
      value: 10 + below(190),
      weight: below(50),
      startingPropensity: (1 + below(90)) / 100,
      eligibility: [
        `${number()} >= ${100 + below(200)}`,
        `${number()} <= ${700 + below(200)}`,
        `profile.c${word} in [${listed.map((value) => `"${value}"`).join(', ')}]`,
      ],
      applicability: [`profile.c${(word + 1) % WORDS} != "${VALUES[below(VALUES.length)] ?? ''}"`],
      suitability: [`${number()} >= ${100 + below(200)}`],
      context: [{ when: `${number()} > ${500 + below(100)}`, weight: 20 }],
      reasons: [
        {
          when: `profile.f${i % NUMBERS} > 300`,
          text: `Number {profile.f${i % NUMBERS}} is above the usual`,
          speak: `I see {profile.f${i % NUMBERS}} on your account.`,
        },
        { when: 'true', text: 'It suits what the customer has' },
      ],
      treatments: [
        {
          id: 'voice',
          channel: 'voice',
          language: 'en-AU',
          do: `Make offer number ${i}`,
          say: 'May I show you something that fits better?',
        },
      ],
    });
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
};

/** Block style as people write it; text is quoted in single quotes where YAML would read it as something else. */
const yaml = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item === 'string' && /^[a-z0-9-]+$/.test(item))) return [`[${value.join(', ')}]`];
    return value.flatMap((item: unknown) => yaml(item).map((line, i) => `${i === 0 ? '- ' : '  '}${line}`));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, part]: [string, unknown]) => {
      const lines = yaml(part);
      const nested = typeof part === 'object' && !(lines.length === 1 && lines[0]?.startsWith('['));
      return nested ? [`${key}:`, ...lines.map((line) => `  ${line}`)] : [`${key}: ${lines[0] ?? ''}`];
    });
  }
  if (typeof value !== 'string') return [JSON.stringify(value)];
  return /^[A-Za-z][A-Za-z0-9 .<>=!-]*$/.test(value) && value !== 'true' ? [value] : [`'${value.replaceAll("'", "''")}'`];
};

/** Evenly spread numbers from 0 to 1 (Mulberry32). */
const numbersFrom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};
