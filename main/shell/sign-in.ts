/** Signing in at central's development issuer: the device proves itself with its key, each time for one person or for itself. */
import { InWords } from '#contract/fault.ts';
import {
  CHALLENGE_PATH,
  ChallengeResponse,
  ENROL_PATH,
  EnrolResponse,
  proofText,
  SESSION_PATH,
  SessionResponse,
} from '#contract/sign-in.ts';
import type { z } from 'zod';
import type { DeviceIdentity } from './device-identity.ts';

const TIMEOUT_MS = 5_000;

/** Central answered, and will not. The message is for the person at the desk. */
export class SignInRefused extends InWords {
  override readonly name = 'SignInRefused';
}

/** Why central said no, as a person can use it. */
const WORDS: Readonly<Record<string, (who: string) => string>> = {
  'unknown-agent': (who) => `Nobody called ${who} may sign in. Check the name, or ask your supervisor.`,
  'revoked-device': () => 'This computer may no longer be used with Sotto. Ask support to have it enrolled anew.',
  'bad-proof': () => 'Central does not accept this computer. Ask support whether it is still enrolled.',
};

/**
 * A token for a person at this device, or for the device alone (`agentId` null). Enrols the device when central does not know it.
 * Null when central cannot be reached now; throws SignInRefused when it says no.
 */
export async function signIn(central: string, device: DeviceIdentity, agentId: string | null): Promise<SessionResponse | null> {
  if (device.deviceId === null) {
    const challenge = await ask(central, CHALLENGE_PATH, {}, ChallengeResponse, agentId);
    if (challenge === null) return null;
    const { publicKey } = device;
    const signature = device.sign(proofText('enrol', challenge.challenge, publicKey, null));
    const enrolled = await ask(central, ENROL_PATH, { publicKey, ...challenge, signature }, EnrolResponse, agentId);
    if (enrolled === null) return null;
    await device.enrolledAs(enrolled.deviceId, enrolled.trusted, enrolled.trustVersion);
  }
  const { deviceId } = device;
  if (deviceId === null) throw new Error('an enrolled device has no name');
  const challenge = await ask(central, CHALLENGE_PATH, {}, ChallengeResponse, agentId);
  if (challenge === null) return null;
  const signature = device.sign(proofText('token', challenge.challenge, deviceId, agentId));
  return ask(
    central,
    SESSION_PATH,
    { ...(agentId === null ? {} : { agentId }), deviceId, ...challenge, signature },
    SessionResponse,
    agentId,
  );
}

async function ask<T>(central: string, path: string, body: object, schema: z.ZodType<T>, who: string | null): Promise<T | null> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(new URL(path, central), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
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
  throw new SignInRefused(WORDS[reason]?.(who ?? 'this') ?? `Central refused to sign in (${response.status} ${reason}). Ask support.`);
}
