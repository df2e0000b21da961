/** A change of policy reaches desks through three people, and through nothing else; what is taken out in an emergency has an end. */
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readKey } from '#central/access/key-file.ts';
import { SigningKey } from '#central/access/signing-key.ts';
import { NAMELESS } from '#central/policy/blast-of-records.ts';
import { startCentral } from '#central/start-central.ts';
import type { Query } from '#central/store/open-store.ts';
import { ChangeView } from '#contract/change-request.ts';
import type { PolicyFile } from '#contract/policy.ts';
import { compileRevision, Decider } from '#core';
import { requestInputs, statementBytes, statementOf } from '#policy';
import { demonstrationModel } from '../engine/demonstration.ts';
import { onPostgres } from './engines.ts';
import { type Opened, openCentral, sha256, TestDesk, until } from './fixture.ts';
import { checked, edited, EXPLAIN, People, PEOPLE, reworded, stricter } from './governing.ts';
import { smallPolicy } from './small-policy.ts';

/** As desks send them: decisions under this revision, about customers of either plan. */
async function decided(db: Query, files: readonly PolicyFile[], count: number): Promise<void> {
  const revision = checked(files);
  const decider = new Decider(compileRevision(revision), NAMELESS);
  for (let i = 0; i < count; i += 1) {
    const customerId = `cust-${i}`;
    const request = { profile: { customerId, fields: { plan: i % 2 === 0 ? 'gold' : 'basic' } } };
    const { recordBytes } = decider.decide(requestInputs(request, { id: `${revision.hash.slice(0, 6)}-${i}`, language: 'en' }), null);
    const body = new TextDecoder().decode(recordBytes);
    await db
      .insertInto('decisions')
      .values({
        id: `${revision.hash.slice(0, 6)}-${i}`,
        hash: sha256(body),
        device_id: 'd',
        agent_id: 'ann',
        call_id: `call-${i}`,
        customer_id: customerId,
        at_ms: 1_767_225_600_000 + i,
        policy: revision.hash,
        body,
        received_at_ms: 1,
      })
      .execute();
  }
}

onPostgres((engine) => {
  let opened: Opened;
  let version = 1;
  const people = new People(() => opened.central);
  const db = () => opened.central.store.db;
  const current = async () => (await people.status()).current;

  beforeAll(async () => {
    opened = await openCentral(await engine.open());
    await opened.central.loadOrganisation({ agents: PEOPLE, customers: [], policyFiles: smallPolicy(1), models: [] });
  });
  afterAll(() => opened.close());

  test('a change reaches the desks by three different people: nobody for themselves, nobody of another tier, nobody twice', async () => {
    await decided(db(), smallPolicy(1), 24);
    const desk = await TestDesk.connect(opened.central, 'ann');
    const change = await people.propose('c1', stricter((version = 2)), {
      personas: [
        { name: 'gold', request: { profile: { fields: { plan: 'gold' } } }, expect: { shows: ['explain-bill'] } },
        { name: 'basic', request: { profile: { fields: { plan: 'basic' } } }, expect: { hides: ['explain-bill'] } },
      ],
    });
    expect(change).toMatchObject({ state: 'proposed', tier: 'council', version: 2, author: 'c1', personas: [{ ok: true }, { ok: true }] });
    // Its effect is told from the 24 decisions that were taken: half of the customers would no longer be shown it.
    expect(change.effect.join('\n')).toMatch(/24/);
    expect(change.effect.join('\n')).toMatch(/explain-bill/);
    const id = change.requestId;
    expect((await people.publish('c2', id)).body).toMatchObject({ error: 'not-approved' });
    expect((await people.review('c1', id)).body).toMatchObject({ error: 'own-change' });
    expect((await people.review('h1', id)).body).toMatchObject({ error: 'not-your-tier' });
    expect((await people.review('ann', id)).status).toBe(403);
    expect((await people.review('c2', id)).body).toMatchObject({ state: 'approved' });
    expect((await people.publish('c2', id)).body).toMatchObject({ error: 'not-approved' });
    expect((await people.publish('c1', id)).body).toMatchObject({ error: 'own-change' });
    expect((await current())?.version).toBe(1);
    expect((await people.publish('c3', id)).body).toMatchObject({ state: 'published', publisher: 'c3' });
    expect((await people.publish('c3', id)).body).toMatchObject({ error: 'published' });
    await until('the desk is told', () => desk.named('versions').at(-1)?.revision === change.hash);
    expect(await current()).toMatchObject({ version: 2, hash: change.hash, usableOfflineHours: 72 });
    expect((await people.status()).published.slice(0, 2)).toMatchObject([
      { version: 2, origin: 'reviewed', publisher: 'c3' },
      { version: 1, origin: 'loaded', publisher: null },
    ]);
    desk.close();
  });

  test('a second account is not a second person', async () => {
    await db().insertInto('accounts').values({ issuer: 'urn:sotto:development', subject: 'c1-too', person_id: 'c1' }).execute();
    const { requestId } = await people.propose('c1', stricter((version += 1)));
    expect((await people.review('c1-too', requestId)).body).toMatchObject({ error: 'own-change' });
    await people.review('c2', requestId);
    expect((await people.publish('c1-too', requestId)).body).toMatchObject({ error: 'own-change' });
    await people.review('c3', requestId, 'declined');
    for (const who of ['c2', 'c3']) expect((await people.publish(who, requestId)).body).toMatchObject({ error: 'declined' });
  });

  test('the tables hold it, whatever the code does', async () => {
    const { requestId, hash } = await people.propose('c1', reworded((version += 1)));
    const review = (reviewer: string, author = 'c1') =>
      db()
        .insertInto('change_reviews')
        .values({ request_id: requestId, author, reviewer, verdict: 'approved', reason: 'x', at_ms: 1 })
        .execute();
    const publication = {
      kind: 'revision' as const,
      name: 'revision',
      hash,
      at_ms: 1,
      signed: null,
      request_id: requestId,
      author: 'c1',
      reviewer: 'c2',
      verdict: 'approved' as const,
    };
    const publish = (more: object) =>
      db()
        .insertInto('publications')
        .values({ ...publication, origin: 'reviewed', publisher: 'c3', ...more })
        .execute();
    await expect(review('c1'), 'the author reviews').rejects.toThrow();
    await expect(review('c1', 'c2'), 'in somebody else’s name').rejects.toThrow();
    await expect(publish({}), 'without a review').rejects.toThrow();
    await review('c2');
    const attacks: Readonly<Record<string, object>> = {
      'the author publishes': { publisher: 'c1' },
      'the reviewer publishes': { publisher: 'c2' },
      'nobody publishes': { publisher: null },
      'another reviewer than there was': { reviewer: 'c3', publisher: 'c2' },
      'another author than there was': { author: 'c3' },
      'without the request': { request_id: null },
      'another revision': { hash: (await current())?.hash ?? '' },
      'as a model': { kind: 'model' },
      'loaded, by somebody': { origin: 'loaded' },
      'back to what never was': { origin: 'rollback', request_id: null, author: null, reviewer: null, verdict: null, reason: 'x' },
    };
    for (const [name, more] of Object.entries(attacks)) await expect(publish(more), name).rejects.toThrow();
    // A revision that replaces another is not kept for review without its effect.
    const row = {
      kind: 'revision' as const,
      name: 'revision',
      hash,
      version: 9,
      base_hash: hash,
      tier: 'huddle' as const,
      title: 't',
      reason: 'r',
      author: 'c1',
      personas: '[]',
      signed: null,
      proposed_at_ms: 1,
    };
    await expect(
      db()
        .insertInto('change_requests')
        .values({ ...row, blast: null })
        .execute(),
    ).rejects.toThrow();
    expect((await current())?.hash).not.toBe(hash);
    await publish({});
    await expect(publish({}), 'twice').rejects.toThrow();
    // What was written there alone is noticed, too.
    await until('seen', async () => (await current())?.hash === hash);
  });

  test('a bad revision never takes the place of a good one', async () => {
    const good = await current();
    const proposal = { kind: 'revision', title: 'A change', reason: 'Because' };
    const broken = smallPolicy(99).map((file) =>
      file.path === EXPLAIN ? { ...file, text: `${file.text}eligibility: ['profile.nothing']\n` } : file,
    );
    const { status, body } = await people.ask('c1', '/api/changes', { ...proposal, files: broken });
    expect([status, body['error']]).toEqual([422, 'bad-revision']);
    expect(body['faults']).toMatchObject([{ file: EXPLAIN }]);
    expect((await people.ask('c1', '/api/changes', { ...proposal, files: stricter(2) })).body).toMatchObject({
      error: 'version-not-newer',
    });
    expect((await people.ask('c1', '/api/changes', { ...proposal, files: stricter(version + 1), author: 'c2' })).body).toMatchObject({
      error: 'bad-request',
    });
    // A persona that does not come out as wanted keeps it from being published.
    const wrong = await people.propose('c1', stricter((version += 1)), {
      personas: [{ name: 'basic', request: { profile: { fields: { plan: 'basic' } } }, expect: { shows: ['explain-bill'] } }],
    });
    expect(wrong.personas).toMatchObject([{ ok: false, wrong: ['explain-bill is not shown'] }]);
    await people.review('c2', wrong.requestId);
    expect((await people.publish('c3', wrong.requestId)).body).toMatchObject({ error: 'persona-failed' });
    // Its effect was told against what is not current any more.
    const late = await people.propose('c1', stricter((version += 1)));
    await people.review('c2', late.requestId);
    const between = await people.through(reworded((version += 1), 'Say it'));
    expect((await people.publish('c3', late.requestId)).body).toMatchObject({ error: 'base-changed' });
    expect((await current())?.hash).toBe(between);
    expect(good).not.toBeNull();
  });

  test('who approved and may not any more has approved nothing', async () => {
    const { requestId } = await people.propose('c1', stricter((version += 1)));
    await people.review('c2', requestId);
    await db().deleteFrom('person_roles').where('person_id', '=', 'c2').execute();
    expect((await people.publish('c3', requestId)).body).toMatchObject({ error: 'reviewer-may-not-any-more' });
    await db().insertInto('person_roles').values({ person_id: 'c2', role: 'council', granted_at_ms: 1, granted_by: null }).execute();
    expect((await people.publish('c3', requestId)).status).toBe(200);
  });

  test('the huddle publishes tactics by itself, and no policy', async () => {
    const tactics = await people.propose(
      'h1',
      edited((version += 1), EXPLAIN, 'do: Do explain-bill', 'do: Tell them why').map((file) =>
        file.path === EXPLAIN
          ? { ...file, text: file.text.replace('reasons:', 'eligibility: [\'profile.plan == "gold"\']\nreasons:') }
          : file,
      ),
    );
    expect(tactics.tier).toBe('huddle');
    await people.review('h2', tactics.requestId);
    expect((await people.publish('h3', tactics.requestId)).status).toBe(200);
    const policy = await people.propose('h1', reworded((version += 1)));
    expect(policy.tier).toBe('council');
    expect((await people.review('h2', policy.requestId)).body).toMatchObject({ error: 'not-your-tier' });
  });

  test('going back is one command of one person, to what was published, and signed as going back', async () => {
    const before = await people.through(stricter((version += 1)));
    const after = await people.through(reworded((version += 1)));
    expect((await current())?.hash).toBe(after);
    expect((await people.ask('sup', '/api/changes/rollback', { reason: 'It is wrong' })).status).toBe(403);
    expect((await people.ask('op', '/api/changes/rollback', {})).status).toBe(400);
    expect((await people.ask('op', '/api/changes/rollback', { reason: 'It is wrong' })).body).toMatchObject({
      hash: before,
      version: version - 1,
    });
    expect((await current())?.hash).toBe(before);
    const bundle = (await (
      await fetch(`${opened.central.url}/api/revision`, { headers: { authorization: `Bearer ${await people.token('op')}` } })
    ).json()) as { signed: { replaces: number } };
    expect(bundle.signed.replaces).toBe(version);
    expect((await people.ask('op', '/api/changes/rollback', { to: sha256('never'), reason: 'It is wrong' })).body).toMatchObject({
      error: 'nothing-before',
    });
    expect((await people.status()).published[0]).toMatchObject({ origin: 'rollback', publisher: 'op' });
    // Forward again it goes as every change does.
    await people.through(reworded((version += 1), 'Better words'));
  });

  test('an action is taken out by one person with an end, gone from desks, and looked at by another', async () => {
    const desk = await TestDesk.connect(opened.central, 'ann');
    const excluded = () => desk.named('versions').at(-1)?.excluded;
    const untilMs = Date.now() + 3_000;
    const asked = { actionId: 'change-plan', reason: 'It charges twice', untilMs };
    expect((await people.ask('op', '/api/exclusions', asked)).status).toBe(403);
    expect((await people.ask('sup', '/api/exclusions', { ...asked, actionId: 'no-such' })).body).toMatchObject({ error: 'unknown-action' });
    expect((await people.ask('sup', '/api/exclusions', { ...asked, untilMs: Date.now() - 1 })).body).toMatchObject({
      error: 'end-is-past',
    });
    expect((await people.ask('sup', '/api/exclusions', { ...asked, untilMs: Date.now() + 40 * 86_400_000 })).body).toMatchObject({
      error: 'end-too-far',
    });
    const { exclusionId } = (await people.ask('sup', '/api/exclusions', asked)).body as { exclusionId: string };
    await until('out', () => excluded()?.includes('change-plan') === true);
    const review = { verdict: 'right', reason: 'It did' };
    expect((await people.ask('sup', `/api/exclusions/${exclusionId}/review`, review)).status).toBe(403);
    await expect(
      db()
        .updateTable('emergency_exclusions')
        .set({ reviewed_by: 'sup', verdict: 'right', reviewed_at_ms: 1 })
        .where('exclusion_id', '=', exclusionId)
        .execute(),
    ).rejects.toThrow();
    expect((await people.ask('c1', `/api/exclusions/${exclusionId}/review`, review)).status).toBe(200);
    expect((await people.status()).exclusions[0]).toMatchObject({
      exclusionId,
      isInForce: true,
      excludedBy: 'sup',
      reviewedBy: 'c1',
      verdict: 'right',
    });
    await until('back by itself at its end', () => excluded()?.length === 0);
    expect(Date.now()).toBeGreaterThanOrEqual(untilMs);
    const longer = (await people.ask('c1', '/api/exclusions', { ...asked, untilMs: Date.now() + 3_600_000 })).body as {
      exclusionId: string;
    };
    await until('out again', () => excluded()?.length === 1);
    // Who comes later has it before anything else.
    const late = await TestDesk.connect(opened.central, 'ann', 'dev-late');
    await until('told', () => late.messages.length > 0);
    expect(late.messages[0]).toMatchObject({ name: 'versions', body: { excluded: ['change-plan'] } });
    expect((await people.ask('c1', `/api/exclusions/${longer.exclusionId}/review`, review)).body).toMatchObject({ error: 'own-exclusion' });
    expect((await people.ask('sup', `/api/exclusions/${longer.exclusionId}/lift`, {})).status).toBe(200);
    await until('lifted', () => late.named('versions').at(-1)?.excluded.length === 0);
    late.close();
    desk.close();
  });

  test('what one node publishes or takes out is at the desks of another; a model needs its signatures and three people', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sotto-change-'));
    const keys = generateKeyPairSync('ed25519');
    writeFileSync(join(folder, 'approver.pem'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(folder, 'public.pem'), keys.publicKey.export({ type: 'spki', format: 'pem' }));
    const models = { signatures: 2, approverKeyFiles: [join(folder, 'public.pem')] };
    const first = await engine.open();
    const a = await openCentral(first, { folder: join(folder, 'a'), models });
    mkdirSync(join(folder, 'b'));
    cpSync(join(folder, 'a', 'signing-key.pem'), join(folder, 'b', 'signing-key.pem'));
    const b = await openCentral(await engine.again(first), { folder: join(folder, 'b'), models });
    const people = new People(() => a.central);
    try {
      await a.central.loadOrganisation({ agents: PEOPLE, customers: [], policyFiles: smallPolicy(1), models: [] });
      const desk = await TestDesk.connect(b.central, 'ann');
      const told = () => desk.named('versions').at(-1);
      const change = await people.propose('c1', stricter(2));
      await people.review('c2', change.requestId);
      await people.publish('c3', change.requestId);
      await until('published at the other node', () => told()?.revision === change.hash);
      await people.ask('sup', '/api/exclusions', { actionId: 'change-plan', reason: 'It charges twice', untilMs: Date.now() + 60_000 });
      await until('out at the other node', () => told()?.excluded.includes('change-plan') === true);

      const bundle = demonstrationModel((manifest) => ({ ...manifest, version: 7 }));
      const proposal = { kind: 'model', title: 'A model', reason: 'It is better' };
      const unsigned = await people.ask('h1', '/api/changes', { ...proposal, bundle });
      expect([unsigned.status, unsigned.body['error']]).toEqual([422, 'bad-model']);
      const approver = new SigningKey(readKey(join(folder, 'approver.pem')));
      const signed = {
        replaces: null,
        signatures: [{ keyId: approver.id, ed25519: approver.sign(statementBytes(statementOf(bundle, null))) }],
      };
      const model = ChangeView.parse((await people.ask('h1', '/api/changes', { ...proposal, bundle: { ...bundle, signed } })).body);
      expect(model).toMatchObject({ kind: 'model', tier: 'huddle', version: 7 });
      expect((await people.publish('h2', model.requestId)).body).toMatchObject({ error: 'not-approved' });
      await people.review('h2', model.requestId);
      expect((await people.publish('h3', model.requestId)).status).toBe(200);
      await until('the model is named at the other node', () => told()?.models.includes(bundle.hash) === true);
      expect((await people.status()).models).toMatchObject([{ id: bundle.manifest.id, version: 7, signatures: 2 }]);
      desk.close();
    } finally {
      await a.close();
      await b.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('once in production a database takes nothing that is loaded over what is there, and no development issuer starts on it', async () => {
    const store = await engine.open();
    const { db } = store;
    await db.updateTable('installation').set({ production: true }).execute();
    const row = { kind: 'revision' as const, name: 'revision', at_ms: 1, signed: null };
    await db
      .insertInto('publications')
      .values({ ...row, hash: sha256('first') })
      .execute();
    await expect(
      db
        .insertInto('publications')
        .values({ ...row, hash: sha256('second') })
        .execute(),
    ).rejects.toThrow(/change request/);
    await expect(
      startCentral({ mode: 'embedded', folder: mkdtempSync(join(tmpdir(), 'sotto-x-')) }, { store, log: () => {} }),
    ).rejects.toThrow(/development issuer does not start/);
  });
});
