/** `sotto revision`: a change through three people at a command line, back again, and an action taken out. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChangeStatus, ChangeView } from '#contract/change-request.ts';
import type { PolicyFile } from '#contract/policy.ts';
import { pglite } from '../central/engines.ts';
import { type Opened, openCentral } from '../central/fixture.ts';
import { smallPolicy } from '../central/small-policy.ts';
import { type Ran, runSotto } from './run-sotto.ts';

let opened: Opened;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-revision-'));
  opened = await openCentral(await pglite.open());
  const council = ['c1', 'c2', 'c3'].map((id) => ({ id, name: id, roles: ['council' as const] }));
  await opened.central.loadOrganisation({
    agents: [...council, { id: 'op', name: 'op', roles: ['operator'] }],
    customers: [],
    policyFiles: smallPolicy(1),
    models: [],
  });
});
afterAll(async () => {
  await opened.close();
  rmSync(folder, { recursive: true, force: true });
});

const written = (name: string, files: readonly PolicyFile[]): string => {
  for (const { path: file, text } of files) {
    const at = path.join(folder, name, file);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, text);
  }
  return path.join(folder, name);
};
const revision = (who: string, ...args: readonly string[]): Promise<Ran> =>
  runSotto(['revision', ...args, '--central', opened.central.url, '--as', who]);
const status = async (): Promise<ChangeStatus> => JSON.parse((await revision('op', 'status', '--json')).out) as ChangeStatus;

test('a change goes from its author to the desks by two others, and one command takes it back', async () => {
  const dir = written('next', smallPolicy(2));
  const personas = path.join(folder, 'personas.json');
  writeFileSync(personas, JSON.stringify([{ name: 'anybody', request: { profile: {} }, expect: { shows: ['explain-bill'] } }]));
  const proposed = await revision(
    'c1',
    'propose',
    dir,
    '--title',
    'Version two',
    '--reason',
    'It is time',
    '--personas',
    personas,
    '--json',
  );
  expect(proposed.err).toBe('');
  const { requestId, hash } = JSON.parse(proposed.out) as ChangeView;
  expect((await revision('c1', 'review', requestId, '--approve', '--reason', 'Mine')).err).toMatch(
    /own-change: author, reviewer and publisher/,
  );
  expect((await revision('c2', 'review', requestId, '--reason', 'Neither')).code).toBe(2);
  expect((await revision('c2', 'review', requestId, '--approve', '--reason', 'Looked at it')).code).toBe(0);
  expect((await revision('c2', 'publish', requestId)).err).toMatch(/not-approved/);
  const published = await revision('c3', 'publish', requestId);
  expect([published.code, published.out]).toEqual([0, expect.stringMatching(/published by c3/)]);
  expect((await status()).current).toMatchObject({ version: 2, hash });
  const told = await revision('op', 'status');
  expect(told.out).toMatch(/^Small v2 \(\w{12}\) is current, good for 72 h without central/);
  expect((await revision('op', 'status', requestId)).out).toMatch(/persona anybody: as wanted/);
  expect((await revision('op', 'rollback', '--reason', 'It was not')).out).toMatch(/^v1 \(/);
  expect((await status()).current).toMatchObject({ version: 1 });
});

test('an action is taken out, looked at and lifted', async () => {
  const until = new Date(Date.now() + 3_600_000).toISOString();
  expect((await revision('c1', 'exclude', 'change-plan', '--reason', 'It charges twice')).err).toMatch(/--until must be a time/);
  const made = await revision('c1', 'exclude', 'change-plan', '--reason', 'It charges twice', '--until', until, '--json');
  const { exclusionId } = JSON.parse(made.out) as { exclusionId: string };
  expect((await revision('op', 'status')).out).toMatch(
    /change-plan is out until .*: It charges twice \(by c1; to be looked at by another person/,
  );
  expect((await revision('c1', 'exclude', exclusionId, '--verdict', 'right', '--reason', 'Surely')).err).toMatch(/own-exclusion/);
  expect((await revision('c2', 'exclude', exclusionId, '--verdict', 'right', '--reason', 'It did')).code).toBe(0);
  expect((await revision('c2', 'exclude', exclusionId, '--lift')).code).toBe(0);
  expect((await revision('op', 'status')).out).toMatch(/change-plan is back/);
});

test('an operator lists people from a file: roles, teams, accounts; who is listed as inactive may do nothing, and nobody lists themselves a role', async () => {
  const file = path.join(folder, 'people.yaml');
  const load = (text: string): Promise<Ran> => {
    writeFileSync(file, text);
    return runSotto(['people', 'load', file, '--central', opened.central.url, '--as', 'op']);
  };
  const made = await load(`people:
  - { id: dana, name: Dana, roles: [supervisor], teams: [north], accounts: [{ issuer: 'https://id.example', subject: sub-dana }] }
teams:
  - { id: north, name: The north }
programs:
  - { name: telephony, account: { issuer: 'https://id.example', subject: client-1 } }
`);
  expect([made.code, made.err]).toEqual([0, '']);
  expect(made.out).toMatch(/^dana {2}Dana: supervisor; of north; 2 accounts$/m);
  expect((await revision('dana', 'status')).code).toBe(0);
  const { db } = opened.central.store;
  expect(await db.selectFrom('person_roles').select(['granted_by']).where('person_id', '=', 'dana').execute()).toEqual([
    { granted_by: 'op' },
  ]);
  expect(await db.selectFrom('integrations').select(['issuer', 'subject']).where('name', '=', 'telephony').execute()).toEqual([
    { issuer: 'https://id.example', subject: 'client-1' },
  ]);
  expect((await load('people: [{ id: op, name: op, roles: [operator, council] }]\n')).err).toMatch(/own-role/);
  expect((await load('people: [{ id: op, name: The operator, roles: [operator] }]\n')).code).toBe(0);
  expect((await load('people: [{ id: dana, name: Dana, role: council }]\n')).code).toBe(2);
  expect((await load('people: [{ id: dana, name: Dana, roles: [supervisor], active: false }]\n')).out).toMatch(/Dana \(may do nothing\)/);
  expect((await revision('dana', 'status')).err).toMatch(/nobody called dana/);
  const shown = await runSotto(['people', 'show', '--central', opened.central.url, '--as', 'op']);
  expect(shown.out).toMatch(/^c1 {2}c1: council/m);
  expect((await runSotto(['people', 'show', '--central', opened.central.url, '--as', 'c1'])).err).toMatch(/none of your roles/);
});

test('what is wrong is said in words, with 1 or 2 as exit code', async () => {
  const broken = written(
    'broken',
    smallPolicy(3).map((file) =>
      file.path === 'purposes.yaml' ? { ...file, text: '- id: other\n  name: Other\n  basis: contract\n' } : file,
    ),
  );
  const refused = await revision('c1', 'propose', broken, '--title', 'Broken', '--reason', 'No reason');
  expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/bad-revision: actions\/care\/billing\/big-credit.yaml:\d+ /)]);
  expect((await revision('op', 'publish', 'none')).err).toMatch(/none of your roles/);
  expect((await revision('c1', 'publish', 'none')).err).toMatch(/not-found/);
  expect((await revision('mallory', 'status')).err).toMatch(/nobody called mallory/);
  expect((await runSotto(['revision', 'status'])).code).toBe(2);
  expect((await runSotto(['revision', 'status', '--central', 'http://central.example', '--as', 'op'])).err).toMatch(
    /must be an https address/,
  );
  expect((await runSotto(['revision', 'status', '--central', 'http://127.0.0.1:9', '--as', 'op'])).err).toMatch(/does not answer/);
  expect((await runSotto(['revision', 'status', '--central', opened.central.url, '--token', 'rubbish'])).err).toMatch(
    /does not accept the token/,
  );
});
