/** For operators: who there is, what each may do, and who does no more. */
import type { FastifyInstance } from 'fastify';
import { PEOPLE_PATH, PeopleList } from '#contract/people.ts';
import { loadList, peopleView } from '../people/load-people.ts';
import type { Counters } from '../store/counters.ts';
import { sqlState, type Store } from '../store/open-store.ts';
import { readBody } from './read-body.ts';
import { principalOf } from './server.ts';

interface Settings {
  readonly store: Store;
  readonly counters: Counters;
  /** Whose accounts everybody has by their id, in development. */
  readonly issuer: string | null;
  readonly nowMs: () => number;
  /** Who lost something is cut off here at once; other nodes look for themselves. */
  readonly changed: () => Promise<void>;
}

const LIST_BYTES = 8 * 1024 * 1024;
const CHECK_VIOLATION = '23514';

export function peopleRoutes(server: FastifyInstance, { store, counters, issuer, nowMs, changed }: Settings): void {
  server.get(PEOPLE_PATH, async () => peopleView(store.db));

  server.post(PEOPLE_PATH, { bodyLimit: LIST_BYTES }, async (request, reply) => {
    const list = readBody(request, PeopleList);
    if (!list.ok) {
      counters.add('people: refused bad-request');
      return reply.code(400).send({ error: 'bad-request', detail: list.detail });
    }
    const principal = principalOf(request);
    const by = principal.kind === 'person' ? principal.personId : null;
    try {
      await store.transaction((tx) => loadList(tx, list.value, { issuer, by, nowMs: nowMs() }));
    } catch (error) {
      if (sqlState(error) !== CHECK_VIOLATION) throw error;
      counters.add('people: refused own-role');
      return reply.code(409).send({ error: 'own-role', detail: 'nobody gives themselves a role: another operator must' });
    }
    await changed();
    return peopleView(store.db);
  });
}
