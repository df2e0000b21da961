/**
 * How long a desk keeps what it stored, by kind of record. Central keeps what the organisation needs; a desk keeps what its agent
 * still works with. Counted from the end of the call, where nothing else is said.
 */

export const STORED_KINDS = ['transcript', 'card', 'outcome', 'record', 'dead-letter', 'profile', 'salvage'] as const;
export type StoredKind = (typeof STORED_KINDS)[number];

export const RETENTION_DAYS: Readonly<Record<StoredKind | 'crash', number>> = {
  /** The call's events, what was said among them. */
  transcript: 10,
  /** Suggestions as they were shown. */
  card: 10,
  /** Answers, for contact limits until central tells of them. */
  outcome: 30,
  /** Bodies of the ledger; their commitments stay, so that the chain still verifies. */
  record: 30,
  /** What central refused for good, with its body; from its refusal. */
  'dead-letter': 90,
  /** From the time central last knew it to be so. Never longer than `outcome`: what is older than the one is in the other. */
  profile: 30,
  /** That a database was set aside, and what was saved of it. */
  salvage: 90,
  /** A crash's report; from the crash. */
  crash: 30,
};

/** A call that nobody ended and nothing was heard of for so long is over: its end was never told. */
export const ABANDONED_DAYS = 2;
