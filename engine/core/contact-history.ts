/**
 * What was done with the customer before, on this call and through other channels, and what follows from it:
 * the counts that conditions ask for, and which actions the contact policies hold back until when.
 */
import { at } from './at.ts';
import type { CheckedContactPolicy } from '#contract/checked-policy.ts';
import type { Operand } from '#contract/condition.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { Interaction } from '#contract/profile.ts';
import type { CompiledRevision } from './compile-revision.ts';
import type { DecisionFacts } from './facts.ts';
import { knownProfile } from './field-values.ts';
import type { PromptLedger } from './prompt-ledger.ts';

interface Contact extends Interaction {
  /** Of a prompt that is on the screen now. It is not history yet: a card must not be taken away because it was seen. */
  readonly open: boolean;
}

export interface ContactHistory {
  readonly known: DecisionFacts['history'];
  readonly contacts: readonly Contact[];
}

/**
 * Contact limits protect a person. While nobody is identified there is no person whose history could be asked for, so
 * what this call did is all there is to count; when somebody is identified and nothing about them is cached, the
 * history is unknown, and unknown forbids.
 */
export function contactHistory(inputs: DecisionInputs, ledger: PromptLedger): ContactHistory {
  const { call } = inputs;
  const profile = knownProfile(call, inputs.profile);
  const nobody = call.identity === 'unknown' || call.customerId === null;
  const contacts: Contact[] = [];
  const own = new Set<string>();
  for (const outcome of ledger.standing) {
    // Shown while the call was thought to be somebody else's: that is their history.
    if (outcome.customerId !== null && outcome.customerId !== call.customerId) continue;
    const { kind, channel, atMs, actionId } = outcome;
    const prompt = ledger.open.get(actionId);
    contacts.push({ kind, channel, atMs, actionId, open: prompt !== undefined && atMs >= prompt.shownAtMs });
    own.add(`${kind} ${channel} ${atMs} ${actionId}`);
  }
  if (nobody) return { known: 'own', contacts };
  // A slice fetched during the call may already hold what this call did: the same thing counts once.
  for (const past of profile?.history ?? []) {
    if (!own.has(`${past.kind} ${past.channel} ${past.atMs} ${past.actionId ?? ''}`)) contacts.push({ ...past, open: false });
  }
  for (const contact of call.contacts) contacts.push({ ...contact, open: false });
  return { known: profile === null ? 'unknown' : 'known', contacts };
}

type CountOperand = Extract<Operand, { kind: 'count' }>;

/** The count and the moment at which it falls by time alone; a count needs a known history. */
export function countContacts(
  compiled: CompiledRevision,
  { known, contacts }: ContactHistory,
  operand: CountOperand,
  nowMs: number,
): { readonly value: number | null; readonly fallsAtMs: number | null } {
  if (known !== 'known') return { value: null, fallsAtMs: null };
  let value = 0;
  let fallsAtMs: number | null = null;
  for (const contact of contacts) {
    if (contact.open || contact.kind !== operand.outcome) continue;
    if (operand.channel !== undefined && contact.channel !== operand.channel) continue;
    if (contact.atMs <= nowMs - operand.windowMs || !inScope(compiled, contact, operand.scope)) continue;
    value++;
    const leavesAtMs = contact.atMs + operand.windowMs;
    if (fallsAtMs === null || leavesAtMs < fallsAtMs) fallsAtMs = leavesAtMs;
  }
  return { value, fallsAtMs };
}

function inScope({ revision, actionIndex }: CompiledRevision, contact: Contact, scope: CountOperand['scope']): boolean {
  if (scope.of === 'any') return true;
  if (scope.of === 'action') return contact.actionId === scope.name;
  const action = revision.actions[actionIndex.get(contact.actionId ?? '') ?? -1];
  return action !== undefined && action[scope.of] === scope.name;
}

/**
 * What the contact policies suppress now: whenever `limit` contacts of a unit lie within the window, the unit rests for
 * `suppressForMs` from the last of them. Contacts of transactional actions do not count. Sorted by policy and unit.
 */
export function suppressions(compiled: CompiledRevision, { contacts }: ContactHistory, nowMs: number): DecisionFacts['contact'] {
  const found: DecisionFacts['contact'][number][] = [];
  for (const [number, policy] of compiled.revision.contact.entries()) {
    const byUnit = new Map<number, Contact[]>();
    for (const contact of contacts) {
      const unit = countsFor(compiled, policy, contact);
      if (unit === null) continue;
      const list = byUnit.get(unit);
      if (list === undefined) byUnit.set(unit, [contact]);
      else list.push(contact);
    }
    for (const [unit, list] of byUnit) {
      const untilMs = restsUntilMs(policy, list);
      if (untilMs === null || untilMs <= nowMs) continue;
      const past = restsUntilMs(
        policy,
        list.filter((contact) => !contact.open),
      );
      found.push([number, unit, untilMs, past === null || past <= nowMs ? 1 : 0]);
    }
  }
  return found.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
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

/** The unit an action belongs to under a policy; null when the policy does not cover it. */
export function unitOf(compiled: CompiledRevision, policy: CheckedContactPolicy, action: number): number | null {
  if (policy.issues !== undefined && !policy.issues.includes(at(compiled.revision.actions, action).issue)) return null;
  switch (policy.per) {
    case 'action':
      return action;
    case 'group':
      return compiled.groupOf[action] as number;
    case 'issue':
      return compiled.issueOf[action] as number;
    case 'all':
      return 0;
  }
}

function restsUntilMs({ limit, windowMs, suppressForMs }: CheckedContactPolicy, contacts: readonly Contact[]): number | null {
  const atMs = contacts.map((contact) => contact.atMs).toSorted((a, b) => a - b);
  for (let last = atMs.length - 1; last >= limit - 1; last--) {
    if ((atMs[last] as number) - (atMs[last - limit + 1] as number) < windowMs) return (atMs[last] as number) + suppressForMs;
  }
  return null;
}
