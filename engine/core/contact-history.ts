/**
 * What was done with the customer before, on this call and through other channels, made ready for asking: the counts that
 * conditions ask for, what the contact policies hold back, and the last of each kind that maybe-later looks at.
 *
 * A history is indexed once, when it is first seen; a decision then costs the same whatever its length.
 */
import { at } from './at.ts';
import type { CheckedContactPolicy } from '#contract/checked-policy.ts';
import type { Operand } from '#contract/condition.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { Interaction, ProfileSlice } from '#contract/profile.ts';
import type { CompiledRevision } from './compile-revision.ts';
import { unitOf } from './contact-units.ts';
import type { DecisionFacts } from './facts.ts';
import { knownProfile } from './field-values.ts';
import type { PromptLedger } from './prompt-ledger.ts';

interface Contact extends Interaction {
  /** Of a prompt that is on the screen now. It is not history yet: a card must not be taken away because it was seen. */
  readonly open: boolean;
}

/** A unit of a contact policy rests whenever `limit` contacts lie within the window, for `suppressForMs` from the last of them. */
interface Rest {
  readonly policy: number;
  readonly unit: number;
  readonly untilMs: number;
  /** The same without prompts that are on the screen; −∞ where those alone make it rest. */
  readonly withoutOpenUntilMs: number;
}

export interface HistoryIndex {
  /** Moments per count of the revision, ascending. */
  readonly counts: readonly Float64Array[];
  /** Sorted by policy and unit. */
  readonly rests: readonly Rest[];
  /** Per influenced action, its influences' last moments; −∞ where it never happened. Sorted by action. */
  readonly influences: readonly { readonly action: number; readonly lastMs: readonly number[] }[];
}

/** Nobody was contacted: the same list every time, so that it is known again. */
const NO_CONTACTS: readonly Interaction[] = [];

type CountOperand = Extract<Operand, { kind: 'count' }>;

/** Reads histories for one revision; keeps what it has read as long as the profile lives. */
export class ContactHistories {
  readonly #compiled: CompiledRevision;
  readonly #countOperands: readonly CountOperand[];
  readonly #ofProfile = new WeakMap<ProfileSlice, HistoryIndex>();
  readonly #ofNobody: HistoryIndex;
  #last: {
    readonly profile: ProfileSlice | null;
    readonly contacts: readonly Interaction[];
    readonly ledger: PromptLedger;
    readonly customerId: string | null;
    readonly index: HistoryIndex;
  } | null = null;

  constructor(compiled: CompiledRevision) {
    this.#compiled = compiled;
    this.#countOperands = compiled.slots.slots.flatMap((slot) => (slot.kind === 'count' ? [slot.operand] : []));
    this.#ofNobody = indexHistory(compiled, this.#countOperands, []);
  }

  /**
   * Contact limits protect a person. While nobody is identified there is no person whose history could be asked for, so
   * what this call did is all there is to count; when somebody is identified and nothing about them is cached, the
   * history is unknown, and unknown forbids.
   */
  of(
    { call, profile: slice }: DecisionInputs,
    ledger: PromptLedger,
  ): { readonly known: DecisionFacts['history']; readonly index: HistoryIndex } {
    const isNobody = call.identity === 'unknown' || call.customerId === null;
    const profile = isNobody ? null : knownProfile(call, slice);
    const contacts = isNobody ? NO_CONTACTS : call.contacts;
    const known = isNobody ? 'own' : profile === null ? 'unknown' : 'known';
    if (ledger.standing.length === 0 && contacts.length === 0)
      return { known, index: profile === null ? this.#ofNobody : this.#indexed(profile) };
    const last = this.#last;
    if (last?.profile === profile && last.contacts === contacts && last.ledger === ledger && last.customerId === call.customerId) {
      return { known, index: last.index };
    }
    const index = indexHistory(this.#compiled, this.#countOperands, allContacts(call.customerId, profile, contacts, ledger));
    this.#last = { profile, contacts, ledger, customerId: call.customerId, index };
    return { known, index };
  }

  #indexed(profile: ProfileSlice): HistoryIndex {
    let index = this.#ofProfile.get(profile);
    if (index === undefined) {
      index = indexHistory(
        this.#compiled,
        this.#countOperands,
        profile.history.map((past) => ({ ...past, open: false })),
      );
      this.#ofProfile.set(profile, index);
    }
    return index;
  }
}

function allContacts(
  customerId: string | null,
  profile: ProfileSlice | null,
  elsewhere: readonly Interaction[],
  ledger: PromptLedger,
): readonly Contact[] {
  const contacts: Contact[] = [];
  const own = new Set<string>();
  for (const outcome of ledger.standing) {
    // Shown while the call was thought to be somebody else's: that is their history.
    if (outcome.customerId !== null && outcome.customerId !== customerId) continue;
    const { kind, channel, atMs, actionId } = outcome;
    const prompt = ledger.open.get(actionId);
    contacts.push({ kind, channel, atMs, actionId, open: prompt !== undefined && atMs >= prompt.shownAtMs });
    own.add(`${kind} ${channel} ${atMs} ${actionId}`);
  }
  // A slice fetched during the call may already hold what this call did: the same thing counts once.
  for (const past of profile?.history ?? []) {
    if (!own.has(`${past.kind} ${past.channel} ${past.atMs} ${past.actionId ?? ''}`)) contacts.push({ ...past, open: false });
  }
  for (const contact of elsewhere) contacts.push({ ...contact, open: false });
  return contacts;
}

function indexHistory(compiled: CompiledRevision, operands: readonly CountOperand[], contacts: readonly Contact[]): HistoryIndex {
  return {
    counts: operands.map((operand) =>
      Float64Array.from(
        contacts.filter((contact) => counts(compiled, operand, contact)),
        ({ atMs }) => atMs,
      ).toSorted(),
    ),
    rests: compiled.revision.contact.flatMap((policy, number) => restsOf(compiled, policy, number, contacts)),
    influences: compiled.influenced.flatMap((action) => {
      const { id, influence } = at(compiled.revision.actions, action);
      const lastMs = influence.map(({ after }) =>
        contacts.reduce(
          (last, contact) => (contact.actionId === id && contact.kind === after && !contact.open ? Math.max(last, contact.atMs) : last),
          -Infinity,
        ),
      );
      return lastMs.some((ms) => ms > -Infinity) ? [{ action, lastMs }] : [];
    }),
  };
}

function counts(compiled: CompiledRevision, { outcome, channel, scope }: CountOperand, contact: Contact): boolean {
  if (contact.open || contact.kind !== outcome) return false;
  if (channel !== undefined && contact.channel !== channel) return false;
  if (scope.of === 'any') return true;
  if (scope.of === 'action') return contact.actionId === scope.name;
  const action = compiled.revision.actions[compiled.actionIndex.get(contact.actionId ?? '') ?? -1];
  return action !== undefined && action[scope.of] === scope.name;
}

/** The count at a moment, and when it falls by time alone; null where it does not. */
export function countWithin(
  moments: Float64Array,
  windowMs: number,
  nowMs: number,
): { readonly value: number; readonly fallsAtMs: number | null } {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((moments[middle] as number) > nowMs - windowMs) high = middle;
    else low = middle + 1;
  }
  return { value: moments.length - low, fallsAtMs: low < moments.length ? (moments[low] as number) + windowMs : null };
}

/** Contacts of transactional actions do not count. */
function restsOf(compiled: CompiledRevision, policy: CheckedContactPolicy, number: number, contacts: readonly Contact[]): readonly Rest[] {
  const byUnit = new Map<number, Contact[]>();
  for (const contact of contacts) {
    const unit = countsFor(compiled, policy, contact);
    if (unit === null) continue;
    const list = byUnit.get(unit);
    if (list === undefined) byUnit.set(unit, [contact]);
    else list.push(contact);
  }
  return [...byUnit]
    .map(([unit, list]) => ({
      policy: number,
      unit,
      untilMs: restsUntilMs(policy, list),
      withoutOpenUntilMs: restsUntilMs(
        policy,
        list.filter((contact) => !contact.open),
      ),
    }))
    .filter(({ untilMs }) => untilMs > -Infinity)
    .toSorted((a, b) => a.unit - b.unit);
}

/** The unit a contact counts to under a policy; null when it does not count. */
function countsFor(compiled: CompiledRevision, policy: CheckedContactPolicy, contact: Contact): number | null {
  if (contact.kind !== policy.counts) return null;
  if (policy.channel !== undefined && contact.channel !== policy.channel) return null;
  const action = compiled.actionIndex.get(contact.actionId ?? '');
  if (action === undefined) return policy.per === 'all' && policy.issues === undefined ? 0 : null;
  if (compiled.transactional[action] === 1) return null;
  return unitOf(compiled, policy, action);
}

function restsUntilMs({ limit, windowMs, suppressForMs }: CheckedContactPolicy, contacts: readonly Contact[]): number {
  const atMs = contacts.map((contact) => contact.atMs).toSorted((a, b) => a - b);
  for (let last = atMs.length - 1; last >= limit - 1; last--) {
    if ((atMs[last] as number) - (atMs[last - limit + 1] as number) < windowMs) return (atMs[last] as number) + suppressForMs;
  }
  return -Infinity;
}
