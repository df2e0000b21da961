/** The rooms of the window: which of them somebody is offered follows from what they are at central. What they may do there, central says each time. */
import { z } from 'zod';
import { DECIDING_ROLES, type PersonRole } from './roles.ts';

/** In the order they are offered. */
export const ROOMS = ['calls', 'approvals', 'wall', 'overrides', 'contests', 'oversight'] as const;
export const Room = z.enum(ROOMS);
export type Room = z.infer<typeof Room>;

const OFFERED_TO: Readonly<Record<Room, readonly PersonRole[]>> = {
  calls: ['agent'],
  approvals: [...DECIDING_ROLES, 'break-glass'],
  wall: ['supervisor'],
  overrides: ['supervisor', 'council'],
  contests: ['supervisor', 'council', 'huddle', 'privacy'],
  oversight: ['supervisor', 'council', 'privacy'],
};

/** `roles`: as central names them; one that is not known here opens nothing. */
export const roomsOf = (roles: readonly string[]): readonly Room[] =>
  ROOMS.filter((room) => OFFERED_TO[room].some((role) => roles.includes(role)));
