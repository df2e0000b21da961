/** What reaches the rooms of the window without being asked for: central's messages to them, a row each, and how main stands with central. */
import { z } from 'zod';
import { TO_APPROVER } from './approval.ts';
import { Room } from './rooms.ts';
import { TO_SUPERVISOR } from './supervision.ts';

/** By the name of the socket.io message, on the namespace of whoever decides. */
export const FROM_CENTRAL = { ...TO_APPROVER } as const;
export const NEWS_FROM_CENTRAL = Object.keys(FROM_CENTRAL) as readonly (keyof typeof FROM_CENTRAL)[];

/** Those of the lane of supervisors, while the wall is open. */
export const WALL_FROM_CENTRAL = Object.keys(TO_SUPERVISOR) as readonly (keyof typeof TO_SUPERVISOR)[];

const NEWS = {
  ...FROM_CENTRAL,
  ...TO_SUPERVISOR,
  /** Main's own: whether the wall is heard. Heard again, all of it is told anew. */
  'wall-link': z.strictObject({ live: z.boolean() }),
  /** Main's own: whether central's messages come in now. After a while without, the rooms ask anew. */
  link: z.strictObject({ live: z.boolean() }),
  /** Main's own: somebody was given a role, or lost one. */
  rooms: z.strictObject({ rooms: z.array(Room) }),
} as const;
type Kind = keyof typeof NEWS;

export type News = { readonly [K in Kind]: { readonly kind: K; readonly body: z.infer<(typeof NEWS)[K]> } }[Kind];

/** Null: it is none, or not as it was agreed. */
export function readNews(kind: unknown, body: unknown): News | null {
  if (typeof kind !== 'string' || !Object.hasOwn(NEWS, kind)) return null;
  const read = NEWS[kind as Kind].safeParse(body);
  return read.success ? ({ kind, body: read.data } as News) : null;
}
