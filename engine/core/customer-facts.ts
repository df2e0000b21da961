/** What the events of a call say about one customer: read again whenever the call turns out to be somebody else's. */
import type { CallState, SequencedEvent } from '#contract/call-state.ts';
import type { Consent, FieldValue, Interaction } from '#contract/profile.ts';
import { parseIsoMs } from './iso-time.ts';

type CustomerFacts = Pick<CallState, 'consents' | 'fields' | 'profileVersion' | 'journeys' | 'contacts'>;

/** Of the events below `beforeSeq`, those about `customerId`. */
export function customerFacts(events: readonly SequencedEvent[], beforeSeq: number, customerId: string | null): CustomerFacts {
  let consents: readonly Consent[] = [];
  let journeys: Readonly<Record<string, string>> = {};
  const contacts: Interaction[] = [];
  const updates: { readonly version: number; readonly fields: Readonly<Record<string, FieldValue | null>> }[] = [];
  let lastAtMs = 0;
  if (customerId === null) return { consents, fields: {}, profileVersion: null, journeys, contacts };
  for (const { seq, event } of events) {
    if (seq >= beforeSeq) break;
    const parsed = parseIsoMs(event.time);
    const atMs = Number.isNaN(parsed) ? lastAtMs : parsed;
    if (atMs > lastAtMs) lastAtMs = atMs;
    switch (event.type) {
      case 'sotto.consent.changed':
        if (event.data.customerId === customerId) {
          consents = keepConsent(consents, { purpose: event.data.purpose, granted: event.data.granted, atMs });
        }
        break;
      case 'sotto.profile.updated':
        if (event.data.customerId === customerId) updates.push(event.data);
        break;
      case 'sotto.journey.changed': {
        const { journey, step, entered } = event.data;
        if (event.data.customerId !== customerId) break;
        if (entered) journeys = { ...journeys, [journey]: step };
        else if (Object.hasOwn(journeys, journey) && journeys[journey] === step) journeys = withoutKey(journeys, journey);
        break;
      }
      case 'sotto.contact.made': {
        const { channel, actionId } = event.data;
        if (event.data.customerId !== customerId) break;
        contacts.push({ kind: 'seen', channel, atMs, ...(actionId === undefined ? {} : { actionId }) });
        break;
      }
      default:
        break;
    }
  }
  // Stable: of two updates with one version the earlier delivery is the version, the later a repetition.
  const ordered = updates.toReversed().toSorted((a, b) => a.version - b.version);
  let fields: Readonly<Record<string, FieldValue | null>> = {};
  for (const update of ordered) fields = { ...fields, ...update.fields };
  return { consents, fields, profileVersion: ordered.at(-1)?.version ?? null, journeys, contacts };
}

/** The last word per purpose by the customer's own time; at the same time the later delivery. Sorted by purpose. */
export function keepConsent(consents: readonly Consent[], said: Consent): readonly Consent[] {
  const known = consents.find((consent) => consent.purpose === said.purpose);
  if (known !== undefined && known.atMs > said.atMs) return consents;
  const others = consents.filter((consent) => consent !== known);
  return [...others, said].toSorted((a, b) => (a.purpose < b.purpose ? -1 : 1));
}

export function withoutKey<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}
