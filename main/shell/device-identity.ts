/** This computer's own key: made once, sealed, never sent. Central knows its public half and gives the computer its name. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { type TrustChange, TrustedKeys } from '#contract/signature.ts';
import { Id } from '#contract/text.ts';
import type { Seal } from './seal.ts';
import { readSealed, writeSealed } from './sealed-file.ts';
import { refusedChange } from './trust-change.ts';

/** Where the computer's own key is kept, sealed. */
export const DEVICE_FILE = 'device.sealed';

const Enrolment = z.strictObject({ deviceId: Id, trusted: TrustedKeys, trustVersion: z.int().min(0).default(0) });
const Kept = z.strictObject({ v: z.literal(2), privateKeyPem: z.string(), enrolled: Enrolment.nullable() });

export class DeviceIdentity {
  readonly #seal: Seal;
  readonly #file: string;
  #kept: z.infer<typeof Kept>;

  private constructor(seal: Seal, file: string, kept: z.infer<typeof Kept>) {
    this.#seal = seal;
    this.#file = file;
    this.#kept = kept;
  }

  static async open(seal: Seal, folder: string): Promise<DeviceIdentity> {
    const file = path.join(folder, DEVICE_FILE);
    const kept = await readSealed(seal, file, Kept);
    if (kept !== undefined) return new DeviceIdentity(seal, file, kept);
    const privateKeyPem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const made = { v: 2 as const, privateKeyPem, enrolled: null };
    await writeSealed(seal, file, made);
    return new DeviceIdentity(seal, file, made);
  }

  /** What central calls it; null until it is enrolled. */
  get deviceId(): string | null {
    return this.#kept.enrolled?.deviceId ?? null;
  }

  /** Who must have signed what this computer installs; nobody before it is enrolled. */
  get trusted(): TrustedKeys {
    return this.#kept.enrolled?.trusted ?? { keys: [], modelSignatures: 1 };
  }

  /** SPKI in DER, base64. */
  get publicKey(): string {
    return createPublicKey(this.#kept.privateKeyPem).export({ format: 'der', type: 'spki' }).toString('base64');
  }

  /** Base64. */
  sign(text: string): string {
    return sign(null, Buffer.from(text, 'utf8'), createPrivateKey(this.#kept.privateKeyPem)).toString('base64');
  }

  async enrolledAs(deviceId: string, trusted: TrustedKeys, trustVersion = 0): Promise<void> {
    this.#kept = { ...this.#kept, enrolled: { deviceId, trusted, trustVersion } };
    await writeSealed(this.#seal, this.#file, this.#kept);
  }

  /** Trusts other keys from now on, if those trusted now say so. In words why not; null where it does, or did already. */
  async follow(change: TrustChange): Promise<string | null> {
    const { enrolled } = this.#kept;
    if (enrolled === null || change.version === enrolled.trustVersion) return null;
    const refused = refusedChange(change, enrolled.trusted, enrolled.trustVersion);
    if (refused === null) await this.enrolledAs(enrolled.deviceId, change.trusted, change.version);
    return refused;
  }
}
