/** What a privacy officer orders about one person's data at central, by HTTP, and how far every desk has carried it out. */
import { z } from 'zod';
import { AtMs, FreeText, Id } from './text.ts';

export const SUBJECTS_PATH = '/api/subjects';

/** Why it must be kept: the proceeding, the statute. */
const Basis = FreeText.min(3).max(500);

/** Nothing of this person goes, by its age or by erasure, before then. A time that is past ends the hold that is in force. */
export const SubjectHold = z.strictObject({ untilMs: AtMs, basis: Basis });
export type SubjectHold = z.infer<typeof SubjectHold>;

/** Whoever orders it says whom once more: it cannot be undone. */
export const SubjectErasure = z.strictObject({ erase: Id });
export type SubjectErasure = z.infer<typeof SubjectErasure>;

export const SubjectOrder = z.strictObject({
  seq: z.int().min(1),
  kind: z.enum(['erase', 'hold']),
  atMs: AtMs,
  /** Of a hold. */
  untilMs: AtMs.nullable(),
  basis: Basis.nullable(),
  /** Their personId; null = not ordered by HTTP. */
  orderedBy: Id.nullable(),
  /** Enrolled devices, and how many of them have said that they carried it out. */
  desks: z.int().min(0),
  desksDone: z.int().min(0),
});
export type SubjectOrder = z.infer<typeof SubjectOrder>;

/** Oldest first. */
export const SubjectOrders = z.strictObject({ customerId: Id, orders: z.array(SubjectOrder) });
export type SubjectOrders = z.infer<typeof SubjectOrders>;
