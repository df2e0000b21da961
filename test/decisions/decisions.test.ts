import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Organisation, loadOrganisation } from '#central/demo/organisation.ts';
import { REASONS, STAGES } from '#contract/reason-codes.ts';
import { type Case, CaseFile, FullWhen } from './case-file.ts';
import { inputsOf, layered } from './case-inputs.ts';
import { decidedCase } from './decided-case.ts';
import { defaults } from './defaults.ts';
import { fullPolicy, smallPolicy } from './small-policy.ts';

const read = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8'));
const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json'));
const files = names.map((name) => ({ name, ...CaseFile.parse(read(name)) }));
const all = files.flatMap(({ cases }) => cases);
const isDemonstration = ({ organisation }: Case): boolean => organisation === 'demonstration';

const organisations = new Map<string, Promise<Organisation>>();
const organisationAt = (at: string): Promise<Organisation> => {
  const known = organisations.get(at) ?? loadOrganisation({ nowMs: Date.parse(at) });
  organisations.set(at, known);
  return known;
};

/** The policy a case is decided under and what it gives, with the customer of the demonstration where it names one. */
async function prepared(file: CaseFile, { organisation, policy, given, when }: Case) {
  const moment = FullWhen.parse({ ...defaults.when, ...file.when, ...when });
  if (organisation === undefined) {
    return {
      revision: smallPolicy(file.policy, policy),
      inputs: inputsOf(layered(defaults.given, file.given, given), moment, null),
    };
  }
  const { revision: published, policyFiles, customers } = await organisationAt(moment.at);
  const revision = Object.keys(policy).length === 0 ? published : fullPolicy(policyFiles, policy);
  const whom = given.profile?.of ?? null;
  const known = customers.find(({ customerId }) => customerId === whom) ?? null;
  if (whom !== null && known === null) throw new Error(`the demonstration has no customer ${whom}`);
  const { call, desk } = defaults.given;
  const theirs = layered({ call: { ...call, customer: whom }, ...(desk === undefined ? {} : { desk }) }, given);
  return { revision, inputs: inputsOf(whom === null ? { ...theirs, customer: 'not cached' } : theirs, moment, known) };
}

describe.each(files)('$name: $about', (file) => {
  it.each(file.cases)('$name', async (one) => {
    const { revision, inputs } = await prepared(file, one);
    const { expected } = one;
    const { core, plain } = decidedCase(revision, inputs, one.given.model, expected);
    expect(core).toEqual(expected);
    // The plain interpreter reads the same case, so that the cases are held against it as well.
    expect(Object.fromEntries(Object.keys(expected.ended).map((id) => [id, plain.ended[id]]))).toEqual(expected.ended);
    const [card, ...chips] = expected.shown ?? [];
    expect(plain.shown).toBe(expected.refrain ?? [`primary:${card}`, ...chips.map((chip) => `chip:${chip}`)].join(' '));
    for (const [id, priority] of Object.entries(expected.priority)) expect(plain.priorities[id]).toBe(priority);
  });
});

it('every case says what is shown, or why nothing is', () => {
  for (const { name, expected } of all)
    expect([name, (expected.shown === undefined) !== (expected.refrain === undefined)]).toEqual([name, true]);
  const doubled = all.map(({ name }) => name).filter((name, index, names) => names.indexOf(name) !== index);
  expect(doubled).toEqual([]);
});

it('there are enough cases: at least 150, three of the demonstration per stage, and every reason there is', () => {
  expect(all.length).toBeGreaterThanOrEqual(150);
  for (const stage of [...STAGES, 'refrain']) {
    const ofStage = files.filter((file) => file.stage === stage).flatMap(({ cases }) => cases);
    expect([stage, ofStage.filter(isDemonstration).length >= 3]).toEqual([stage, true]);
  }
  const ended = new Set(all.flatMap(({ expected }) => Object.values(expected.ended)));
  // No decision ends in being scored: that is where the candidates come from.
  const none = ['scored/'];
  const ends = REASONS.map(({ stage, code }) => `${stage}/${code}`).filter((end) => !none.some((start) => end.startsWith(start)));
  expect(ends.filter((end) => !ended.has(end))).toEqual([]);
});
