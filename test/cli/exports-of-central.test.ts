/** What is fetched from central for people outside. `sotto witness export`: a file that grows with central's signed log, is verified by the tool that stands alone, and finds a central that changed its story. */
import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { derivedSigningKey } from '#central/access/derived-key.ts';
import { DeskIssuer } from '#central/access/tokens.ts';
import { type Opened, openCentral, producerToken } from '../central/fixture.ts';
import { onPostgres } from '../central/engines.ts';
import { runSotto } from './run-sotto.ts';

const VERIFIER = path.join(import.meta.dirname, '..', '..', 'main', 'verify', 'verify-witness.mjs');

onPostgres((engine) => {
  let folder: string;
  let opened: Opened;
  let token: string;
  let keyFile: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'sotto-witness-export-'));
    opened = await openCentral(await engine.open(), { folder });
    const { central } = opened;
    keyFile = path.join(folder, 'central.pem');
    writeFileSync(keyFile, central.publicKeyPem);
    await central.store.db.insertInto('people').values({ person_id: 'op', name: 'Operator' }).execute();
    await central.store.db
      .insertInto('person_roles')
      .values({ person_id: 'op', role: 'operator', granted_at_ms: 1, granted_by: null })
      .execute();
    await central.store.db
      .insertInto('devices')
      .values({ device_id: 'desk', public_key: 'none', enrolled_at_ms: 1, revoked_at_ms: null })
      .execute();
    const issuer = new DeskIssuer(derivedSigningKey(createPrivateKey(readFileSync(path.join(folder, 'signing-key.pem'))), 'desk tokens'));
    token = await issuer.issue({ kind: 'desk', personId: 'op', deviceId: 'desk' });
  });
  afterAll(async () => {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const grow = (entries: number) =>
    opened.central.store.db
      .insertInto('ledger_heads')
      .values({
        device_id: 'desk',
        epoch: 'e1',
        entries,
        hash: String(entries % 10).repeat(64),
        at_ms: 1,
        key_id: 'unused',
        signature: 'unused',
      })
      .execute();
  const exported = (out: string, ...more: readonly string[]) =>
    runSotto(['witness', 'export', '--central', opened.central.url, '--token', token, '--out', out, '--json', ...more]);

  test('a file is begun, grows with what central signs, and holds with the verifier alone', async () => {
    const file = path.join(folder, 'witness.jsonl');
    expect(await exported(file)).toMatchObject({ code: 1, err: expect.stringContaining('signed no head yet') });
    expect(existsSync(file)).toBe(false);
    await grow(5);
    const first = await exported(file, '--sign');
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.out)).toMatchObject({ seq: 1, n: 1 });
    const before = readFileSync(file, 'utf8');
    const earlier = path.join(folder, 'earlier.jsonl');
    writeFileSync(earlier, before);
    await grow(9);
    expect(JSON.parse((await exported(file, '--sign')).out)).toMatchObject({ seq: 2, n: 2 });
    expect(JSON.parse((await exported(file)).out)).toMatchObject({ seq: 2 });
    expect(readFileSync(file, 'utf8').startsWith(before)).toBe(true);

    const verified = execFileSync(process.execPath, [VERIFIER, file, '--key', keyFile, '--head', earlier, '--json'], { encoding: 'utf8' });
    expect(JSON.parse(verified)).toMatchObject({ heads: 2, standings: 2, proven: 1, bad: null });
    const said = await runSotto(['verify', file, '--key', keyFile, '--head', earlier]);
    expect(said).toMatchObject({ code: 0, out: expect.stringContaining('No given head confirms those after 1.') });
    expect(await runSotto(['verify', file, '--head', earlier])).toMatchObject({ code: 2, err: expect.stringContaining('--key must name') });

    // A central that begins anew under the same key tells another story: found against the file that is kept.
    const other = path.join(folder, 'other.jsonl');
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(other, lines.map((line) => line.replace('"entries":5', '"entries":4')).join('\n'));
    const found = await runSotto(['verify', other, '--key', keyFile, '--head', file, '--json']);
    expect(found.code).toBe(1);
    expect(JSON.parse(found.out)).toMatchObject({ bad: { standing: 1, deviceId: 'desk', reason: 'chain' } });
  });

  test('what is held about a customer is written for a privacy officer, once, and for nobody else', async () => {
    const out = path.join(folder, 'subject.txt');
    const subject = (who: string, ...more: readonly string[]) =>
      runSotto(['subject', 'export', '--central', opened.central.url, '--token', who, '--customer', 'cust-1', '--out', out, ...more]);
    expect(await subject(token)).toMatchObject({ code: 1, err: expect.stringContaining('403') });
    const { db } = opened.central.store;
    await db.insertInto('person_roles').values({ person_id: 'op', role: 'privacy', granted_at_ms: 1, granted_by: null }).execute();
    expect(await subject(token, '--as', 'pdf')).toMatchObject({ code: 2 });
    expect(await subject(token, '--json')).toMatchObject({ code: 0, out: expect.stringContaining('"as":"text"') });
    expect(readFileSync(out, 'utf8')).toContain('What is held about Mina Park (cust-1)');
    expect(await subject(token)).toMatchObject({ code: 1, err: expect.stringContaining('not written') });
    expect(await subject(token, '--customer', 'nobody')).toMatchObject({ code: 1, err: expect.stringContaining('holds nothing') });
  });

  test('a file of something else is left as it is; one that central does not go on from too; only who may has a head signed', async () => {
    const file = path.join(folder, 'notes.txt');
    writeFileSync(file, 'mine\n');
    expect(await exported(file)).toMatchObject({ code: 1, err: expect.stringContaining('is no witness file') });
    expect(readFileSync(file, 'utf8')).toBe('mine\n');

    const witness = path.join(folder, 'witness.jsonl');
    const shorter = readFileSync(witness, 'utf8').split('\n').slice(0, 3);
    const head = JSON.parse(shorter[2] ?? '') as { hash: string };
    const changed = [...shorter.slice(0, 2), JSON.stringify({ ...head, hash: 'f'.repeat(64) }), ''].join('\n');
    writeFileSync(file, changed);
    expect(await exported(file)).toMatchObject({ code: 1, err: expect.stringContaining('another story') });
    expect(readFileSync(file, 'utf8')).toBe(changed);

    const producer = await producerToken(opened.central);
    const asked = await runSotto([
      'witness',
      'export',
      '--central',
      opened.central.url,
      '--token',
      producer,
      '--out',
      path.join(folder, 'x'),
      '--sign',
    ]);
    expect(asked).toMatchObject({ code: 1, err: expect.stringContaining('403') });
  });
});
