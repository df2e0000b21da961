/**
 * The people known at this desk, each in a sealed file: who they are, what they may do as far as this desk has heard, and
 * the wrapped key of their store. The secret that unwraps it is kept only for as long as they may sign in without central,
 * or until what they have unsent is sent.
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ExperienceLevel } from '#contract/policy.ts';
import { roomsOf } from '#contract/rooms.ts';
import { Secret, type SignedIn } from '#contract/sign-in.ts';
import { Id, LanguageTag } from '#contract/text.ts';
import { storeFolder, storeName } from '../engine-process/store-folder.ts';
import type { Seal } from './seal.ts';
import { readSealed, writeSealed } from './sealed-file.ts';
import { newStoreKey, unwrapStoreKey, wrapStoreKey } from './store-key.ts';

export const Person = z.strictObject({
  v: z.literal(1),
  agent: z.strictObject({ id: Id, name: z.string(), level: ExperienceLevel, language: LanguageTag }),
  /** As of the last sign-in at central. */
  roles: z.array(z.string()),
  signedInAtMs: z.int(),
  /** The latest time this desk's clock is known to have shown while they sat here. */
  seenAtMs: z.int(),
  offlineHours: z.number(),
  secret: Secret.nullable(),
  wrappedKey: z.string(),
  /** Something of theirs may not have been sent. */
  unsent: z.boolean(),
  /** Central's orders about customers' data are carried out in their store up to this one. */
  obeyed: z.int().default(0),
});
export type Person = z.infer<typeof Person>;

const SUFFIX = '.person';

export class People {
  readonly #seal: Seal;
  readonly #userData: string;

  private constructor(seal: Seal, userData: string) {
    this.#seal = seal;
    this.#userData = userData;
  }

  static async open(seal: Seal, userData: string): Promise<People> {
    await mkdir(path.join(userData, 'people'), { recursive: true, mode: 0o700 });
    return new People(seal, userData);
  }

  /** Undefined: nobody of that name ever signed in here. */
  find(agentId: string): Promise<Person | undefined> {
    return readSealed(this.#seal, personFile(this.#userData, agentId), Person);
  }

  /** In order of their names. One whose file cannot be read is left out: they sign in again. */
  async all(): Promise<readonly Person[]> {
    const names = (await readdir(path.join(this.#userData, 'people'))).filter((name) => name.endsWith(SUFFIX));
    const people: Person[] = [];
    for (const name of names) {
      const person = await readSealed(this.#seal, path.join(this.#userData, 'people', name), Person).catch(() => undefined);
      if (person !== undefined) people.push(person);
    }
    return people.toSorted((a, b) => (a.agent.name < b.agent.name ? -1 : 1));
  }

  /**
   * Central knows them: what it said is kept. `setAside` names the folder an older store of theirs was moved to, because
   * nothing here opens it (made before stores had keys of their own, or its secret is gone at central too).
   */
  async remember(granted: SignedIn, nowMs: number): Promise<{ readonly person: Person; readonly setAside: string | null }> {
    const { id, name, level, language, roles, secret, offlineHours } = granted;
    const store = storeName(id);
    const known = await this.find(id).catch(() => undefined);
    const key = known === undefined ? null : (unwrapStoreKey(known.wrappedKey, secret, store) ?? this.#oldKey(known));
    const setAside = key === null ? await this.#setAside(id, nowMs) : null;
    const person: Person = {
      v: 1,
      agent: { id, name, level, language },
      roles,
      signedInAtMs: nowMs,
      seenAtMs: nowMs,
      offlineHours,
      secret,
      wrappedKey: wrapStoreKey(key ?? newStoreKey(), secret, store),
      // Who takes no calls leaves nothing to be sent.
      unsent: known?.unsent === true || roomsOf(roles).includes('calls'),
      obeyed: known?.obeyed ?? 0,
    };
    await this.#save(person);
    return { person, setAside };
  }

  /** The key of this one person's store, 64 hexadecimal digits. Null when the secret is gone: central must be asked. */
  storeKey({ secret, wrappedKey, agent }: Person): string | null {
    return secret === null ? null : unwrapStoreKey(wrappedKey, secret, storeName(agent.id));
  }

  /** The clock shows `nowMs` while they sit here. */
  async seen(agentId: string, nowMs: number): Promise<void> {
    const person = await this.find(agentId);
    if (person !== undefined && nowMs > person.seenAtMs) await this.#save({ ...person, seenAtMs: nowMs });
  }

  /** Central's clock agrees with this one: whatever a wrong clock showed before is forgotten. */
  async clockIsRight(nowMs: number): Promise<void> {
    for (const person of await this.all()) if (person.seenAtMs > nowMs) await this.#save({ ...person, seenAtMs: nowMs });
  }

  async unsent(agentId: string, unsent: boolean): Promise<void> {
    const person = await this.find(agentId);
    if (person !== undefined && person.unsent !== unsent) await this.#save({ ...person, unsent });
  }

  async obeyed(agentId: string, seq: number): Promise<void> {
    const person = await this.find(agentId);
    if (person !== undefined && person.obeyed < seq) await this.#save({ ...person, obeyed: seq });
  }

  /** Forgets the secrets that have no use any more: everything is sent, and orders up to `seq` are carried out. The person at the desk keeps theirs. */
  async forgetSecrets(nowMs: number, atDesk: string | null, seq: number): Promise<void> {
    for (const person of await this.all()) {
      const isOver = nowMs - person.signedInAtMs > person.offlineHours * 3_600_000;
      if (isOver && !person.unsent && person.obeyed >= seq && person.secret !== null && person.agent.id !== atDesk)
        await this.#save({ ...person, secret: null });
    }
  }

  /** Deletes the stores of people who did not sign in since `beforeMs` and that only central could open: nobody comes to delete what is in them. */
  async dropLeft(beforeMs: number): Promise<readonly string[]> {
    const left = (await this.all()).filter(({ secret, signedInAtMs }) => secret === null && signedInAtMs < beforeMs);
    for (const { agent } of left) {
      const folder = storeFolder(this.#userData, agent.id);
      const [stores, store] = [path.dirname(folder), path.basename(folder)];
      const parts = (await readdir(stores).catch(() => [])).filter((name) => name === store || name.startsWith(`${store}.`));
      for (const part of parts) await rm(path.join(stores, part), { recursive: true });
      await rm(personFile(this.#userData, agent.id));
    }
    return left.map(({ agent }) => agent.id);
  }

  #save(person: Person): Promise<void> {
    return writeSealed(this.#seal, personFile(this.#userData, person.agent.id), person);
  }

  /** Central's secret is a new one, but the one before is still here. */
  #oldKey(known: Person): string | null {
    return known.secret === null ? null : unwrapStoreKey(known.wrappedKey, known.secret, storeName(known.agent.id));
  }

  /** The store and what lies beside it of its own, moved whole into one folder; null when there is none. */
  async #setAside(agentId: string, nowMs: number): Promise<string | null> {
    const folder = storeFolder(this.#userData, agentId);
    const stores = path.dirname(folder);
    const name = path.basename(folder);
    const parts = (await readdir(stores).catch(() => [])).filter((one) => one === name || one === `${name}.anchor`);
    if (parts.length === 0) return null;
    const aside = `${folder}.unreadable-${nowMs}`;
    await mkdir(aside, { mode: 0o700 });
    for (const part of parts) await rename(path.join(stores, part), path.join(aside, part));
    return aside;
  }
}

export const personFile = (userData: string, agentId: string): string => path.join(userData, 'people', `${storeName(agentId)}${SUFFIX}`);
