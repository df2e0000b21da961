/** Writing a call's rows under its key. Every function must run inside a transaction. */
import type { CallEvent } from '#contract/call-events.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { Statements } from './statements.ts';

/** The call is known from now on, and has a key. Its key may have gone with the last of its rows: then it gets another. */
export function beginCall(sql: Statements, callId: string): void {
  sql.addCall.run(callId);
  sql.addCallKey.run(callId);
}

/** The call is, or was taken to be, with this customer: with their key goes the call's. */
export function identify(sql: Statements, callId: string, customerId: string): void {
  if (sql.addCallPerson.run(callId, customerId).changes === 0) return;
  sql.addPersonKey.run(customerId);
  sql.rewrapCall.run(customerId, callId);
}

/** The call must have begun. False when its id was there already. */
export function addOutcome(sql: Statements, { id, callId, customerId, atMs }: Outcome, json: string): boolean {
  if (sql.addOutcome.run(id, customerId, atMs, json, callId).changes === 0) return false;
  if (customerId !== null) identify(sql, callId, customerId);
  return true;
}

/** Whom an event says the call is with; null for any other event. */
export function customerOf(event: CallEvent): string | null {
  const isAbout = event.type === 'sotto.call.offered' || event.type === 'sotto.call.identified';
  return (isAbout ? event.data.customerId : undefined) ?? null;
}
