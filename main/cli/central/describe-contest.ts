/** Contests as lines in a terminal: no word of the customer's is among them. */
import type { ContestItem } from '#contract/contest.ts';

const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

export const describeContest = ({ contestId, state, assigneeName, deadlineAtMs, expiresAtMs, isMine }: ContestItem): string =>
  `${contestId} ${state}${assigneeName === null ? '' : `, with ${assigneeName}`}: deadline ${day(deadlineAtMs)}, end ${day(expiresAtMs)}${isMine ? ', yours to look at' : ''}`;
