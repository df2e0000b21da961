/** A change request in a few lines, for people. */
import type { ChangeView, ExclusionView } from '#contract/change-request.ts';

const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');

export const describeChange = (change: ChangeView): readonly string[] => [
  `${change.requestId}  ${change.state}  ${change.name} v${change.version} (${change.hash.slice(0, 12)}), for the ${change.tier}`,
  `  ${change.title}: ${change.reason}`,
  `  proposed by ${change.author}, ${day(change.proposedAtMs)}`,
  ...change.reviews.map(({ reviewer, verdict, reason, atMs }) => `  ${verdict} by ${reviewer}, ${day(atMs)}: ${reason}`),
  ...(change.publisher === null ? [] : [`  published by ${change.publisher}`]),
  ...change.personas.map(({ name, ok, wrong }) => `  persona ${name}: ${ok ? 'as wanted' : wrong.join('; ')}`),
  ...change.effect.map((line) => `  ${line}`),
];

export const describeExclusion = ({
  exclusionId,
  actionId,
  reason,
  excludedBy,
  untilMs,
  isInForce,
  reviewDueMs,
  reviewedBy,
  verdict,
}: ExclusionView): string =>
  `${exclusionId}  ${actionId} ${isInForce ? `is out until ${day(untilMs)}` : 'is back'}: ${reason} (by ${excludedBy}; ${
    reviewedBy === null ? `to be looked at by another person until ${day(reviewDueMs)}` : `${reviewedBy} says ${verdict ?? ''}`
  })`;
