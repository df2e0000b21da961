/** What an event changes besides its call: the customer's consents, fields and history. */
import { sql } from 'kysely';
import { type CallEvent, eventAtMs } from '#contract/call-events.ts';
import type { Tx } from '../store/open-store.ts';

/** Applies the event within its transaction. Returns the customer whose slice changed; null = nobody's. */
export async function applyEffects(tx: Tx, event: CallEvent): Promise<string | null> {
  switch (event.type) {
    case 'sotto.consent.changed': {
      const { customerId, purpose, granted } = event.data;
      await tx
        .insertInto('consents')
        .values({ customer_id: customerId, purpose, granted, at_ms: eventAtMs(event) })
        .onConflict((conflict) =>
          conflict
            .columns(['customer_id', 'purpose'])
            .doUpdateSet({ granted: sql`excluded.granted`, at_ms: sql`excluded.at_ms` })
            .where(sql<boolean>`excluded.at_ms >= consents.at_ms`),
        )
        .execute();
      await raiseVersion(tx, customerId);
      return customerId;
    }
    case 'sotto.profile.updated': {
      const { customerId, version, fields } = event.data;
      await sql`
        insert into customers (customer_id, version, source_version, display_name, language, fields)
        values (${customerId}, ${version}, ${version}, '', 'en', ${JSON.stringify(fields)}::jsonb)
        on conflict (customer_id) do update set
          fields = customers.fields || excluded.fields,
          source_version = excluded.source_version,
          version = greatest(customers.version + 1, excluded.source_version)
        where customers.source_version < excluded.source_version`.execute(tx);
      return customerId;
    }
    case 'sotto.contact.made': {
      const { customerId, channel, actionId } = event.data;
      await tx
        .insertInto('interactions')
        .values({
          id: `event ${event.source} ${event.id}`,
          customer_id: customerId,
          call_id: event.subject,
          // Whoever was contacted has seen it: contact limits count `seen`, whatever the channel.
          kind: 'seen',
          channel,
          at_ms: eventAtMs(event),
          action_id: actionId ?? null,
        })
        .execute();
      await raiseVersion(tx, customerId);
      return customerId;
    }
    case 'sotto.call.offered':
    case 'sotto.call.accepted':
    case 'sotto.call.connected':
    case 'sotto.call.held':
    case 'sotto.call.resumed':
    case 'sotto.call.identified':
    case 'sotto.call.transferred':
    case 'sotto.call.ended':
    case 'sotto.wrapup.started':
    case 'sotto.wrapup.ended':
    case 'sotto.utterance.partial':
    case 'sotto.utterance.final':
    case 'sotto.capture.paused':
    case 'sotto.capture.resumed':
    case 'sotto.journey.changed':
    case 'sotto.queue.updated':
      return null;
  }
}

export async function raiseVersion(tx: Tx, customerId: string): Promise<void> {
  await tx.updateTable('customers').set({ version: sql`version + 1` }).where('customer_id', '=', customerId).execute();
}
