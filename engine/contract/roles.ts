/** What somebody may be at central. Roles are granted there and read there; a token never carries one. */

/** Of people. */
export const PERSON_ROLES = [
  'agent',
  'supervisor',
  'approver',
  'council',
  'huddle',
  'analyst',
  'privacy',
  'operator',
  /** May let a significant action through alone, with a reason, to be looked at the next day. */
  'break-glass',
] as const;
export type PersonRole = (typeof PERSON_ROLES)[number];

/** Who may be asked to decide a significant action. */
export const DECIDING_ROLES = ['approver', 'supervisor', 'council', 'huddle'] as const satisfies readonly PersonRole[];
export type DecidingRole = (typeof DECIDING_ROLES)[number];

/** And of what is no person: a program that sends events or answers requests, a desk's computer that sends what was made on it. */
export const ROLES = [...PERSON_ROLES, 'integration', 'device'] as const;
export type Role = (typeof ROLES)[number];
