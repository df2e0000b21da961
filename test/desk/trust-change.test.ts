/** [V3] Central's key may change, and a revoked one reaches the desks: they take other keys from those they trust, and from nobody else. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { startCentral } from '#central/start-central.ts';
import { TrustChange, type TrustedKeys, trustText } from '#contract/signature.ts';
import { refusedChange } from '#main/shell/trust-change.ts';
import { embeddedFolder } from '../central/engines.ts';
import { openCentral, until } from '../central/fixture.ts';
import { smallPolicy } from '../central/small-policy.ts';
import { runSotto } from '../cli/run-sotto.ts';
import { keyOf } from '../engine/signing.ts';
import { HotDesk } from './hot-desk.ts';

const trustedOf = (letters: string, revoked: string, modelSignatures: number): TrustedKeys => ({
  keys: letters
    .split('')
    .map((letter) => ({ id: keyOf(letter).id, publicKey: keyOf(letter).publicKey, revoked: revoked.includes(letter) })),
  modelSignatures,
});

const change = (version: number, trusted: TrustedKeys, signers: string): TrustChange => ({
  version,
  trusted,
  signatures: signers.split('').map((letter) => ({
    keyId: keyOf(letter).id,
    ed25519: keyOf(letter).sign(Buffer.from(trustText(version, trusted))),
  })),
});

const policyOf = async (desk: HotDesk): Promise<string | null> => (await desk.view()).session.policy;

test('[V3] other keys are taken where as many of those trusted now say so as a model needs, and not otherwise', () => {
  const now = trustedOf('abr', 'r', 2);
  const next = trustedOf('cba', 'a', 2);
  const good = change(1, next, 'ab');
  expect(refusedChange(good, now, 0)).toBeNull();
  const [own] = good.signatures;
  if (own === undefined) throw new Error('nothing was signed');
  const bad: Readonly<Record<string, TrustChange>> = {
    'one of two': change(1, next, 'a'),
    'one of them twice': { ...good, signatures: [own, own] },
    'one of them and a stranger': change(1, next, 'ax'),
    'one of them and a revoked one': change(1, next, 'ar'),
    'the new keys themselves': change(1, next, 'cb'),
    'signatures of other keys': { ...good, trusted: trustedOf('xba', 'a', 2) },
    'signatures over more signatures asked for': { ...good, trusted: { ...next, modelSignatures: 1 } },
    'signatures over another revoked key': { ...good, trusted: trustedOf('cba', 'b', 2) },
    'signatures of another version': { ...good, version: 2 },
  };
  for (const [name, one] of Object.entries(bad)) expect(refusedChange(one, now, 0), name).toMatch(/of the 2 keys/);
  expect(refusedChange(good, now, 1)).toMatch(/is not newer than 1/);
});

test('[V3] central gets another key: desks that were enrolled under the old one go on with the new one alone', async () => {
  const home = await embeddedFolder();
  const file = (name: string): string => path.join(home.folder, name);
  const publicOf = (name: string, privateFile: string): string => {
    const key = createPublicKey(createPrivateKey(readFileSync(privateFile)));
    writeFileSync(file(name), key.export({ type: 'spki', format: 'pem' }));
    return file(name);
  };
  let opened = await openCentral(null, { folder: home.folder });
  const port = Number(new URL(opened.central.url).port);
  try {
    await using desk = await HotDesk.open(opened.central.url);
    await desk.enter('ann');
    await until('a policy under the old key', async () => (await policyOf(desk)) === 'Small v1', 20_000);
    const before = desk.device.trusted;
    await desk.sessions.leave();
    await opened.close();

    renameSync(file('signing-key.pem'), file('old.pem'));
    writeFileSync(file('signing-key.pem'), generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }), {
      mode: 0o600,
    });
    const keys = ['--trust', publicOf('new-public.pem', file('signing-key.pem')), '--revoke', publicOf('old-public.pem', file('old.pem'))];
    const sign = (name: string, ...more: readonly string[]) => runSotto(['trust', 'sign', '--change', file(name), ...more]);
    expect(await sign('stranger.json', '--key', file('signing-key.pem'), ...keys)).toMatchObject({ code: 0 });
    expect(await sign('change.json', '--key', file('old.pem'), ...keys)).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 trusted, 1 revoked'),
    });
    expect((await sign('none.json', '--key', file('nothing.pem'), ...keys)).code).toBe(1);

    // Signed by the new key alone: the desk stays with the keys it has, and takes nothing of this central.
    opened = await openCentral(null, { folder: home.folder, port, trustChangeFile: file('stranger.json') });
    expect(await opened.central.publishRevision(smallPolicy(2))).toMatchObject({ ok: true });
    await desk.enter('ann');
    await until('the change refused', () => desk.logs.some((line) => line.includes('0 of the 1 keys')));
    await until('the policy refused', () => desk.logs.some((line) => line.includes('no key that this desk trusts')), 20_000);
    expect([desk.device.trusted, await policyOf(desk)]).toEqual([before, 'Small v1']);
    await desk.sessions.leave();
    await opened.close();

    opened = await openCentral(null, { folder: home.folder, port, trustChangeFile: file('change.json') });
    expect(await opened.central.publishRevision(smallPolicy(3))).toMatchObject({ ok: true });
    await desk.enter('ann');
    await until('a policy under the new key', async () => (await policyOf(desk)) === 'Small v3', 20_000);
    expect(desk.device.trusted).toEqual(TrustChange.parse(JSON.parse(readFileSync(file('change.json'), 'utf8'))).trusted);
    expect(desk.device.trusted.keys.map(({ revoked }) => revoked)).toEqual([false, true]);
    // Who is enrolled now hears the same at once, and nothing is to be changed.
    await using later = await HotDesk.open(opened.central.url);
    await later.enter('bob');
    expect([later.device.trusted, later.logs]).toEqual([desk.device.trusted, []]);
    await opened.close();

    // A change that does not trust the key central signs with is a mistake in its config.
    const wrong = startCentral({
      mode: 'embedded',
      folder: home.folder,
      trustChangeFile: file('change.json'),
      models: { signatures: 1, approverKeyFiles: [file('old-public.pem')] },
    });
    await expect(wrong).rejects.toThrow('trustChangeFile does not say');
  } finally {
    await opened.close();
    home.remove();
  }
});
