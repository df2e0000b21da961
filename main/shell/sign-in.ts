/** Signing in at central: the device proves itself with its key, each time for one person or for itself. */
import { createHash } from 'node:crypto';
import {
  CHALLENGE_PATH,
  ChallengeResponse,
  ENROL_PATH,
  EnrolResponse,
  proofText,
  SESSION_PATH,
  SessionResponse,
  SIGN_IN_PATH,
  SignInOffer,
} from '#contract/sign-in.ts';
import type { z } from 'zod';
import type { DeviceIdentity } from './device-identity.ts';
import { SignInRefused } from './sign-in-refused.ts';

const TIMEOUT_MS = 5_000;

/** Who signs in: somebody by name (development), whoever an access token of the identity provider is of, or the device alone. */
export type Who = { readonly agentId: string } | { readonly bearer: string } | null;

/** Why central said no, as a person can use it. */
const WORDS: Readonly<Record<string, (who: string) => string>> = {
  'unknown-agent': (who) =>
    who === ''
      ? 'You have no access to Sotto. Ask your supervisor.'
      : `Nobody called ${who} may sign in. Check the name, or ask your supervisor.`,
  'revoked-device': () => 'This computer may no longer be used with Sotto. Ask support to have it enrolled anew.',
  'bad-token': () => 'Central does not accept how you signed in. Sign in again; if it happens again, ask support.',
  'bad-proof': () => 'Central does not accept this computer. Ask support whether it is still enrolled.',
};

/** How people sign in at this central; null when it cannot be reached now. */
export const askOffer = (central: string): Promise<SignInOffer | null> => ask(central, SIGN_IN_PATH, null, SignInOffer, null);

/**
 * A token for a person at this device, or for the device alone. Enrols the device when central does not know it.
 * Null when central cannot be reached now; throws SignInRefused when it says no.
 */
export async function signIn(central: string, device: DeviceIdentity, who: Who): Promise<SessionResponse | null> {
  const shadow = who === null ? null : 'agentId' in who ? who.agentId : createHash('sha256').update(who.bearer, 'utf8').digest('hex');
  if (device.deviceId === null) {
    const challenge = await ask(central, CHALLENGE_PATH, {}, ChallengeResponse, who);
    if (challenge === null) return null;
    const { publicKey } = device;
    // By name nobody proves anything: the device is enrolled by itself.
    const by = who !== null && 'bearer' in who ? shadow : null;
    const signature = device.sign(proofText('enrol', challenge.challenge, publicKey, by));
    const enrolled = await ask(central, ENROL_PATH, { publicKey, ...challenge, signature }, EnrolResponse, who);
    if (enrolled === null) return null;
    await device.enrolledAs(enrolled.deviceId, enrolled.trusted, enrolled.trustVersion);
  }
  const { deviceId } = device;
  if (deviceId === null) throw new Error('an enrolled device has no name');
  const challenge = await ask(central, CHALLENGE_PATH, {}, ChallengeResponse, who);
  if (challenge === null) return null;
  const signature = device.sign(proofText('token', challenge.challenge, deviceId, shadow));
  const named = who !== null && 'agentId' in who ? { agentId: who.agentId } : {};
  return ask(central, SESSION_PATH, { ...named, deviceId, ...challenge, signature }, SessionResponse, who);
}

/** `body` null: nothing is sent, it is only asked. */
async function ask<T>(central: string, path: string, body: object | null, schema: z.ZodType<T>, who: Who): Promise<T | null> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(new URL(path, central), {
      ...(body === null ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: {
        'content-type': 'application/json',
        ...(who !== null && 'bearer' in who ? { authorization: `Bearer ${who.bearer}` } : {}),
      },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    answer = await response.json();
  } catch {
    // Not reachable, cut off, or somebody else's page in between: a state of the desk, shown as such, not an error.
    return null;
  }
  if (response.ok) {
    const parsed = schema.safeParse(answer);
    return parsed.success ? parsed.data : null;
  }
  if (response.status >= 500 || response.status === 429) return null;
  const reason = typeof answer === 'object' && answer !== null && 'error' in answer ? String(answer.error).slice(0, 40) : '';
  const name = who !== null && 'agentId' in who ? who.agentId : '';
  throw new SignInRefused(WORDS[reason]?.(name) ?? `Central refused to sign in (${response.status} ${reason}). Ask support.`);
}
