/** Puts a whole organisation into central: agents, customers, the revision and the models. Unchanged parts are not loaded again. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { canonicalJson } from '#core';
import type { ServedBundle } from '#contract/served-bundle.ts';
import type { PolicyFile } from '#contract/policy.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import { DEVELOPMENT_ISSUER } from './access/tokens.ts';
import type { OrganisationPerson, OrganisationTeam } from '#contract/people.ts';
import { loadPeople } from './people/load-people.ts';
import { namedModels, type Revisions } from './policy/revisions.ts';
import type { Store, Tx } from './store/open-store.ts';

export interface OrganisationData {
  readonly agents: readonly OrganisationPerson[];
  /** Left out: those that people name, called by their ids. */
  readonly teams?: readonly OrganisationTeam[];
  /** What is known of them replaces what was loaded before; what happened on calls since stays. */
  readonly customers: readonly ProfileSlice[];
  readonly policyFiles: readonly PolicyFile[];
  readonly models: readonly ServedBundle[];
}

const CHUNK = 200;

/** Throws when the revision or a model is refused, naming every fault. Returns what was not there as it is. */
export async function loadOrganisation(
  store: Store,
  revisions: Revisions,
  data: OrganisationData,
): Promise<{ readonly changed: readonly string[] }> {
  const changed: string[] = [];
  await store.transaction(async (tx) => {
    if (await isNew(tx, 'agents', [data.agents, data.teams ?? []])) {
      await loadPeople(tx, data.agents, data.teams ?? [], { issuer: DEVELOPMENT_ISSUER, by: null, nowMs: Date.now() });
      changed.push('agents');
    }
    // When a slice was read is not part of what it says.
    const slices = data.customers.map((slice) => ({ ...slice, asOfMs: 0 }));
    if (await isNew(tx, 'customers', slices)) {
      await loadCustomers(tx, data.customers);
      changed.push('customers');
    }
  });
  const before = revisions.current;
  const published = await revisions.publishRevision(data.policyFiles);
  if (!published.ok) {
    const faults = published.faults.map(({ file, line, reason }) => `${file}:${line} ${reason}`);
    throw new Error(`the organisation's policy is refused:\n  ${faults.join('\n  ')}`);
  }
  if (published.hash !== before?.revision) changed.push('revision');
  for (const model of data.models) {
    const result = await revisions.publishModel(model);
    if (!result.ok) throw new Error(`the organisation's model ${model.manifest.id} is refused: ${result.reason}`);
    if (!namedModels(before).includes(result.hash)) changed.push(`model ${model.manifest.id}`);
  }
  return { changed };
}

/** Notes the hash of what is about to be loaded; false when it is loaded already. */
async function isNew(tx: Tx, name: string, content: unknown): Promise<boolean> {
  const hash = createHash('sha256').update(canonicalJson(content)).digest('hex');
  const row = await tx.selectFrom('loads').select('hash').where('name', '=', name).executeTakeFirst();
  if (row?.hash === hash) return false;
  await tx
    .insertInto('loads')
    .values({ name, hash })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ hash }))
    .execute();
  return true;
}

async function loadCustomers(tx: Tx, customers: readonly ProfileSlice[]): Promise<void> {
  for (const chunk of chunks(customers)) {
    await tx
      .insertInto('customers')
      .values(
        chunk.map(({ customerId, version, displayName, language, fields }) => ({
          customer_id: customerId,
          version,
          source_version: version,
          display_name: displayName,
          language,
          fields: JSON.stringify(fields),
        })),
      )
      .onConflict((conflict) =>
        conflict.column('customer_id').doUpdateSet({
          version: sql`greatest(customers.version + 1, excluded.version)`,
          source_version: sql`excluded.source_version`,
          display_name: sql`excluded.display_name`,
          language: sql`excluded.language`,
          fields: sql`excluded.fields`,
        }),
      )
      .execute();
    const ids = chunk.map(({ customerId }) => customerId);
    await tx.deleteFrom('consents').where('customer_id', 'in', ids).execute();
    await tx.deleteFrom('interactions').where('customer_id', 'in', ids).where('id', 'like', 'loaded %').execute();
  }
  const consents = customers.flatMap(({ customerId, consents: ofOne }) =>
    soleConsents(ofOne).map(({ purpose, granted, atMs }) => ({ customer_id: customerId, purpose, granted, at_ms: atMs })),
  );
  for (const chunk of chunks(consents)) await tx.insertInto('consents').values(chunk).execute();
  const history = customers.flatMap(({ customerId, history: ofOne }) =>
    ofOne.map(({ kind, channel, atMs, actionId }, i) => ({
      id: `loaded ${customerId} ${i}`,
      customer_id: customerId,
      call_id: null,
      kind,
      channel,
      at_ms: atMs,
      action_id: actionId ?? null,
    })),
  );
  for (const chunk of chunks(history)) await tx.insertInto('interactions').values(chunk).execute();
}

/** One a purpose, the latest. Where two of one time contradict each other, there is no consent. */
function soleConsents(consents: ProfileSlice['consents']): ProfileSlice['consents'] {
  const byPurpose = new Map<string, ProfileSlice['consents'][number]>();
  for (const consent of consents) {
    const known = byPurpose.get(consent.purpose);
    const isLater = known === undefined || consent.atMs > known.atMs;
    if (isLater || (consent.atMs === known.atMs && !consent.granted)) byPurpose.set(consent.purpose, consent);
  }
  return [...byPurpose.values()];
}

function* chunks<T>(all: readonly T[]): Generator<T[]> {
  for (let from = 0; from < all.length; from += CHUNK) yield all.slice(from, from + CHUNK);
}
