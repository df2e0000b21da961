import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAX_CONSTRAINTS } from '#contract/limits.ts';
import { checkRevision } from '#policy';
import { readRevision } from './read-revision.ts';

const good = readRevision(join(import.meta.dirname, 'fixtures/small'));
const hash = '0'.repeat(64);
const SIZE = 256 * 1024;

/** What costs time with the square of its size takes minutes; what does not is well below this on a slow machine, too. */
const BOUND_MS = 10_000;

/** Files made to cost time or memory. Each must be refused with a fault of its own file, in bounded time. */
const BOMBS: readonly (readonly [name: string, text: string])[] = [
  [
    'anchors that multiply',
    `a: &a [x, x]\n${Array.from({ length: 26 }, (_, i) => `b${i}: &b${i} [*${i === 0 ? 'a' : `b${i - 1}`}, *${i === 0 ? 'a' : `b${i - 1}`}]`).join('\n')}`,
  ],
  ['brackets without end', '['.repeat(SIZE)],
  ['brackets that close', '['.repeat(SIZE / 2) + ']'.repeat(SIZE / 2)],
  ['braces without end', '{a: '.repeat(SIZE / 4)],
  ['lists in lists', '- '.repeat(SIZE / 2)],
  ['keys ever deeper', Array.from({ length: 700 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ['ten thousand keys', Array.from({ length: 10_000 }, (_, i) => `k${i}: 1`).join('\n')],
  ['one key ten thousand times', 'k: 1\n'.repeat(10_000)],
  ['a merge key', 'a: &a { x: 1 }\nb: { <<: *a }'],
  ['a tag that constructs', '- !!js/function "function () { return 1 }"'],
  ['a binary tag', '- !!binary aGVsbG8='],
  ['too long', 'x'.repeat(SIZE + 1)],
  ['four thousand rules', Array.from({ length: 4_000 }, (_, i) => `- { id: r, name: x, when: "x${i}" }`).join('\n')],
];

describe('[bad input] a policy file made to hurt', () => {
  it.each(BOMBS)('%s is refused in bounded time', (_, text) => {
    const start = process.cpuUsage();
    const result = checkRevision([...good.filter(({ path }) => path !== 'care.yaml'), { path: 'care.yaml', text }], { hash });
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(BOUND_MS);
    expect(result.ok ? [] : result.faults.map(({ file }) => file)).toContain('care.yaml');
  });

  it('more constraints than desks can be told of are refused', () => {
    const action = good
      .map(({ path }) => /^actions\/.*\/([a-z-]+)\.yaml$/.exec(path)?.[1])
      .findLast((name) => name !== 'group' && name !== 'issue');
    const text = (count: number) =>
      Array.from({ length: count }, (_, i) => `- { id: c${i}, name: x, kind: volume, actions: [${action}], limit: 1, period: day }`).join(
        '\n',
      );
    const check = (count: number) => checkRevision([...good, { path: 'constraints.yaml', text: text(count) }], { hash });
    expect(check(MAX_CONSTRAINTS)).toMatchObject({ ok: true });
    expect(check(MAX_CONSTRAINTS + 1)).toMatchObject({
      ok: false,
      faults: [{ file: 'constraints.yaml', line: MAX_CONSTRAINTS + 1, reason: `a revision has at most 500 constraints, this one 501` }],
    });
  });

  it('more files than a revision may have are refused unread', () => {
    const files = Array.from({ length: 5_001 }, (_, i) => ({ path: `actions/a/b/c${i}.yaml`, text: '[' }));
    expect(checkRevision(files, { hash })).toEqual({
      ok: false,
      faults: [{ file: '', line: 1, reason: 'the revision has 5001 files; at most 5000 are allowed' }],
    });
  });

  it('more text than a revision may have is refused unread', () => {
    const files = Array.from({ length: 70 }, (_, i) => ({ path: `actions/a/b/c${i}.yaml`, text: '['.repeat(SIZE) }));
    expect(checkRevision(files, { hash })).toMatchObject({ ok: false, faults: [{ file: '', line: 1 }] });
  });

  it('no files at all are refused', () => {
    const result = checkRevision([], { hash });
    expect(
      result.ok ? [] : result.faults.map(({ reason }) => reason).filter((reason) => reason.startsWith('the file is missing')),
    ).toHaveLength(7);
  });

  it('any cut of any file is refused or accepted, and never throws', () => {
    let refused = 0;
    for (const { path, text } of good) {
      for (let cut = 0; cut < text.length; cut += 23) {
        const result = checkRevision([...good.filter((file) => file.path !== path), { path, text: text.slice(0, cut) }], { hash });
        if (!result.ok) refused++;
      }
    }
    expect(refused).toBeGreaterThan(150);
  });
});

it('checks 1,000 actions in bounded time, and the same way each time', () => {
  const offer = good.find(({ path }) => path.endsWith('bigger-plan.yaml'));
  if (offer === undefined) throw new Error('the fixture has no bigger-plan.yaml');
  const many = Array.from({ length: 1_000 }, (_, i) => ({
    path: `actions/growth/plans/offer-${i}.yaml`,
    text: offer.text.replace('id: bigger-plan', `id: offer-${i}`).replace('12 <=', `${i % 97} <=`),
  }));
  const start = process.cpuUsage();
  const first = checkRevision([...good, ...many], { hash });
  expect(process.cpuUsage(start).user / 1_000).toBeLessThan(BOUND_MS);
  expect(first.ok && first.revision.actions.length).toBe(1_004);
  expect(checkRevision([...many.toReversed(), ...good], { hash })).toEqual(first);
});
