/**
 * How a desk's computer and the person at it come to their tokens. A device proves with its own key that it asks; tokens prove identity
 * only, and what somebody may do is looked up at central.
 *
 *   POST CHALLENGE_PATH ─► challenge, good once ─► POST ENROL_PATH (once) or SESSION_PATH with the challenge signed
 *
 * Who the person is says the identity provider's access token, as bearer; with the development issuer the name alone.
 */
import { z } from 'zod';
import { ExperienceLevel } from './policy.ts';
import { TrustChange, TrustedKeys } from './signature.ts';
import { AtMs, Id, LanguageTag } from './text.ts';

/** How people sign in here: SignInOffer. */
export const SIGN_IN_PATH = '/api/desk/sign-in';
export const CHALLENGE_PATH = '/api/desk/challenge';
export const ENROL_PATH = '/api/desk/enrol';
export const SESSION_PATH = '/api/desk/session';
/** Of the development issuer alone: a token for a DevelopmentTokenRequest. */
export const TOKEN_PATH = '/dev/token';

const Base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/]+={0,2}$/)
  .max(256);
const Challenge = z.string().regex(/^[A-Za-z0-9_-]{20,64}$/);

export const ChallengeResponse = z.object({ challenge: Challenge });

/** The device's public key (ed25519, SPKI in DER), and the challenge signed with its private one. */
export const EnrolRequest = z.strictObject({ publicKey: Base64, challenge: Challenge, signature: Base64 });

/**
 * Central names the device, by its key: the same key has the same name. Whom the device trusts it hears here; later only by changes
 * that those have signed.
 */
export const EnrolResponse = z.object({
  deviceId: Id,
  trusted: TrustedKeys,
  /** Of the last change that is in `trusted`; absent = none is. */
  trustVersion: z.int().min(1).optional(),
});

export type EnrolResponse = z.infer<typeof EnrolResponse>;

/** `agentId`: with the development issuer, whom the token is to be of; without it, and without a bearer, it is of the device alone. */
export const SessionRequest = z.strictObject({ agentId: Id.optional(), deviceId: Id, challenge: Challenge, signature: Base64 });

/** A producer of call events or a system of record; or somebody at no desk, who speaks to central by the command line. */
export const DevelopmentTokenRequest = z.union([z.strictObject({ integration: Id }), z.strictObject({ person: Id })]);

export const Secret = z.string().regex(/^[0-9a-f]{64}$/);

/** Who signed in, and what the desk needs to work for that person while central is away. */
export const SignedIn = z.object({
  id: Id,
  name: z.string(),
  level: ExperienceLevel,
  language: LanguageTag,
  /** As the tables had them: frozen on the desk until it hears again. */
  roles: z.array(z.string().max(64)).max(16),
  /** The device's own token: it sends the outbox, and can do nothing else. */
  deviceToken: z.string(),
  /** Of this person at this device. Their store's key cannot be unwrapped without it. */
  secret: Secret,
  /** How long after this sign-in the person may sign in here without central. */
  offlineHours: z.number().min(0).max(168),
  /** The last change of the keys that are trusted, whether the desk has it or not. */
  trustChange: TrustChange.optional(),
  /** Central's own clock: a desk whose clock agrees with it has the right time. */
  atMs: AtMs,
});
export type SignedIn = z.infer<typeof SignedIn>;

export const SessionResponse = z.object({
  token: z.string(),
  expiresInS: z.int().min(1).max(600),
  /** With a person's token. */
  agent: SignedIn.optional(),
});
export type SessionResponse = z.infer<typeof SessionResponse>;

/** How people sign in at a central, for the desk to offer. */
export const SignInOffer = z.discriminatedUnion('by', [
  /** The development issuer: by name, without any proof. */
  z.object({ by: z.literal('name') }),
  /** In the system's browser, at an identity provider (OpenID Connect). */
  z.object({
    by: z.literal('browser'),
    issuer: z.url({ protocol: /^https?$/ }),
    clientId: z.string().min(1).max(256),
    /** What the provider calls this central (RFC 8707): the audience of its access tokens. */
    resource: z.url(),
    scope: z.string().max(256),
    /** What people call the provider. */
    name: z.string().min(1).max(60),
  }),
]);
export type SignInOffer = z.infer<typeof SignInOffer>;

/**
 * What a device signs, in UTF-8: a proof for one purpose, one device and one person is of no use for another. `who`: the agent's id with
 * the development issuer, the SHA-256 of the bearer (hexadecimal) with an identity provider; null = the device alone.
 */
export const proofText = (purpose: 'enrol' | 'token', challenge: string, device: string, who: string | null): string =>
  ['sotto-proof-1', purpose, challenge, device, who ?? ''].join('\n');
