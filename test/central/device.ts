/** Devices of tests: enrolled under names of the tests' choosing, and proving themselves as a real one does. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Central } from '#central/central.ts';
import { CHALLENGE_PATH, ChallengeResponse, proofText, SESSION_PATH, SessionResponse } from '#contract/sign-in.ts';
import type { Tokens } from '#ports/link.ts';

const keys = new Map<string, KeyObject>();

export const post = (url: string, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

export const signed = (key: KeyObject, text: string): string => sign(null, Buffer.from(text), key).toString('base64');

export const challengeOf = async (url: string): Promise<string> =>
  ChallengeResponse.parse(await (await post(url, CHALLENGE_PATH, {})).json()).challenge;

/** The device's private key; central knows the public one from now on. */
export async function enrolled(central: Central, deviceId: string): Promise<KeyObject> {
  const known = keys.get(deviceId);
  const key = known ?? generateKeyPairSync('ed25519').privateKey;
  keys.set(deviceId, key);
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');
  await central.store.db
    .insertInto('devices')
    .values({ device_id: deviceId, public_key: publicKey, enrolled_at_ms: Date.now(), revoked_at_ms: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return key;
}

/** Asks as the device does, with a proof of its own; `agentId` null: for the device alone. */
export async function askToken(central: Central, agentId: string | null, deviceId: string, key?: KeyObject): Promise<Response> {
  const challenge = await challengeOf(central.url);
  const signature = signed(key ?? (await enrolled(central, deviceId)), proofText('token', challenge, deviceId, agentId));
  return post(central.url, SESSION_PATH, { ...(agentId === null ? {} : { agentId }), deviceId, challenge, signature });
}

async function granted(central: Central, agentId: string | null, deviceId: string): Promise<SessionResponse> {
  const response = await askToken(central, agentId, deviceId);
  if (!response.ok) throw new Error(`no token: ${response.status}`);
  return SessionResponse.parse(await response.json());
}

export async function deskTokens(central: Central, agentId: string, deviceId: string): Promise<Tokens> {
  const { token, agent } = await granted(central, agentId, deviceId);
  return { token, deviceToken: agent?.deviceToken ?? '' };
}

export const agentToken = async (central: Central, agentId: string, deviceId: string): Promise<string> =>
  (await granted(central, agentId, deviceId)).token;

export const deviceToken = async (central: Central, deviceId: string): Promise<string> => (await granted(central, null, deviceId)).token;
