/** [V3] What central publishes reaches desks by signatures alone: one for a revision, two for a model, and back only where it is signed so. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Central } from '#central/central.ts';
import { startCentral } from '#central/start-central.ts';
import type { Store } from '#central/store/open-store.ts';
import { readModelFolder } from '#main/cli/read-model-folder.ts';
import { runSotto } from '../cli/run-sotto.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { demonstrationModel } from '../engine/demonstration.ts';
import { LiveDesk } from '../engine/live-desk.ts';
import { deskTokens } from './device.ts';
import { onEachEngine } from './engines.ts';
import { until } from './fixture.ts';
import { smallPolicy } from './small-policy.ts';

const ANN = [{ id: 'ann', name: 'Ann', level: 'standard', language: 'en' }] as const;

const model = (version: number) => demonstrationModel((manifest) => ({ ...manifest, version }));

onEachEngine((engine) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sotto-publishing-'));
  let store: Store;
  let central: Central;
  let scratch: Scratch;
  let desk: LiveDesk;
  const approver = path.join(folder, 'approver.pem');
  const approverPublic = path.join(folder, 'approver-public.pem');

  const start = async (): Promise<void> => {
    central = await startCentral(
      { mode: 'embedded', folder, models: { signatures: 2, approverKeyFiles: [approverPublic] } },
      { store: { ...store, close: () => Promise.resolve() }, log: () => undefined },
    );
  };
  /** A desk that was enrolled at this central. */
  const sitDown = async (): Promise<LiveDesk> => {
    const tokens = await deskTokens(central, 'ann', 'dev-ann');
    return LiveDesk.open({ url: central.url, tokens, agentId: 'ann', scratch, trusted: central.trusted });
  };
  /** Central and the desk end and begin again: what is current is read and named anew. */
  const startAgain = async (): Promise<void> => {
    await desk.stop();
    await central.close();
    await start();
    desk = await sitDown();
  };
  beforeAll(async () => {
    const keys = generateKeyPairSync('ed25519');
    writeFileSync(approver, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(approverPublic, keys.publicKey.export({ type: 'spki', format: 'pem' }));
    store = await engine.open();
    await start();
    await central.loadOrganisation({ agents: ANN, customers: [], policyFiles: smallPolicy(1), models: [] });
    scratch = new Scratch();
    desk = await sitDown();
  });
  afterAll(async () => {
    await desk.stop();
    scratch[Symbol.dispose]();
    await central.close();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const inUse = async (): Promise<string | null> => (await desk.view()).session.policy;
  const untilInUse = (policy: string): Promise<void> => until(`${policy} in use`, async () => (await inUse()) === policy);
  const publish = async (version: number): Promise<string> => {
    const published = await central.publishRevision(smallPolicy(version));
    if (!published.ok) throw new Error('refused');
    return published.hash;
  };

  const kept = (): unknown => (desk.store.setting('slots') as { model: string | null } | null)?.model;
  const bundleFolder = (version: number): string => {
    const { manifest, onnxBase64 } = model(version);
    const made = mkdtempSync(path.join(folder, 'model-'));
    writeFileSync(path.join(made, 'manifest.json'), JSON.stringify(manifest));
    writeFileSync(path.join(made, 'model.onnx'), Buffer.from(onnxBase64, 'base64'));
    return made;
  };
  const signedBy = async (bundle: string, ...more: readonly string[]) => {
    expect(await runSotto(['model', 'sign', '--bundle', bundle, '--key', approver, ...more])).toMatchObject({ code: 0 });
    const read = readModelFolder(bundle);
    if (!read.ok) throw new Error(read.words);
    return read.bundle;
  };

  describe('[V3] a revision', () => {
    test('that goes back a version is signed as such by publishing it again, and a desk takes it', async () => {
      await untilInUse('Small v1');
      await publish(2);
      await untilInUse('Small v2');
      await publish(1);
      await untilInUse('Small v1');
      await publish(3);
      await untilInUse('Small v3');
      expect(desk.logs).toEqual([]);
    });

    test('that goes back without a signature that says so is refused, whoever changed central’s tables', async () => {
      const old = await publish(4);
      await untilInUse('Small v4');
      await publish(5);
      await untilInUse('Small v5');
      // As it was signed when it was new: nobody said then that it replaces version 5.
      await sql`insert into publications (kind, name, hash, at_ms, signed)
        select kind, name, hash, at_ms, signed from publications where hash = ${old} order by pos limit 1`.execute(store.db);
      await startAgain();
      await until('the older one refused', () => desk.logs.some((line) => line.includes('older than 5')));
      expect(await inUse()).toBe('Small v5');
      // And without any signature.
      await sql`update publications set signed = null where hash = ${old}`.execute(store.db);
      await startAgain();
      await until('the unsigned one refused', () => desk.logs.some((line) => line.includes('nobody has signed')));
      expect(await inUse()).toBe('Small v5');
      // A claim that nobody signed.
      await sql`update publications set signed = (select jsonb_set(p.signed, '{replaces}', '5') from publications p where p.signed is not null order by pos desc limit 1)
        where hash = ${old}`.execute(store.db);
      await startAgain();
      await until('the claim refused', () => desk.logs.some((line) => line.includes('is not one of this hash')));
      expect(await inUse()).toBe('Small v5');
      // Whoever has the key publishes it again.
      await publish(4);
      await untilInUse('Small v4');
    });
  });

  describe('[V3] a model', () => {
    test('is published with the signature of a second person alone, and a desk that asks for two takes it', async () => {
      const bundle = bundleFolder(1);
      expect(await central.publishModel(model(1))).toMatchObject({ ok: false, reason: expect.stringContaining('1 more of the keys') });
      const stranger = path.join(folder, 'stranger.pem');
      writeFileSync(stranger, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
      expect((await runSotto(['model', 'sign', '--bundle', bundle, '--key', stranger])).code).toBe(0);
      const strangers = readModelFolder(bundle);
      expect(strangers.ok && (await central.publishModel(strangers.bundle))).toMatchObject({ ok: false });
      // Central's own key signs once, however often it is used.
      await runSotto(['model', 'sign', '--bundle', bundle, '--key', path.join(folder, 'signing-key.pem')]);
      const own = readModelFolder(bundle);
      expect(own.ok && (await central.publishModel(own.bundle))).toMatchObject({ ok: false });
      const approved = await signedBy(bundle);
      expect(approved.signed?.signatures).toHaveLength(3);
      expect(await central.publishModel({ ...approved, manifest: { ...approved.manifest, version: 2 } })).toMatchObject({ ok: false });
      expect(await central.publishModel(approved)).toEqual({ ok: true, hash: approved.hash });
      await until('the model installed', () => kept() === approved.hash);
      expect(JSON.stringify(readFileSync(path.join(bundle, 'signed.json'), 'utf8'))).not.toContain('PRIVATE');
    });

    test('that goes back needs both to say what it replaces', async () => {
      const older = bundleFolder(1);
      const newer = await signedBy(bundleFolder(2));
      expect(await central.publishModel(newer)).toMatchObject({ ok: true });
      await until('version 2 installed', () => kept() === newer.hash);
      const plain = await signedBy(older);
      expect(await central.publishModel(plain)).toMatchObject({ ok: false, reason: expect.stringContaining('--replaces 2') });
      const back = await signedBy(older, '--replaces', '2');
      expect(await central.publishModel(back)).toMatchObject({ ok: true });
      await until('version 1 installed again', () => kept() === back.hash);
      expect((await runSotto(['model', 'sign', '--bundle', older, '--key', approver, '--replaces', '1'])).code).toBe(2);
      expect((await runSotto(['model', 'sign', '--bundle', folder, '--key', approver])).code).toBe(1);
      expect((await runSotto(['model', 'sign', '--bundle', older, '--key', approverPublic])).code).toBe(1);
    });

    test('with one of its two signatures taken out of central’s tables is refused by the desk', async () => {
      const next = await signedBy(bundleFolder(3));
      expect(await central.publishModel(next)).toMatchObject({ ok: true });
      await until('version 3 installed', () => kept() === next.hash);
      const last = await signedBy(bundleFolder(4));
      await desk.stop();
      expect(await central.publishModel(last)).toMatchObject({ ok: true });
      await sql`update publications set signed = signed #- '{signatures,1}' where hash = ${last.hash}`.execute(store.db);
      desk = await sitDown();
      await until('refused', () => desk.logs.some((line) => line.includes('1 of the 2 keys')));
      expect(kept()).toBe(next.hash);
    });
  });

  test('central refuses to start with its own key as the approver’s, or with a private one', async () => {
    const own = path.join(folder, 'own-public.pem');
    writeFileSync(own, central.publicKeyPem);
    const started = (file: string) =>
      startCentral(
        { mode: 'embedded', folder, models: { signatures: 2, approverKeyFiles: [file] } },
        { store: { ...store, close: () => Promise.resolve() } },
      );
    await expect(started(own)).rejects.toThrow('cannot approve what central signs');
    await expect(started(approver)).rejects.toThrow('holds a private key');
  });
});
