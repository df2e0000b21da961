/** What became of the events of a replay. Whatever is read is accepted, a duplicate or refused. */
import type { DecisionLine } from '#contract/engine-port.ts';

interface TypeCounts {
  read: number;
  accepted: number;
  duplicate: number;
  refused: number;
}

export class ReplayCounts {
  readonly byType: Record<string, TypeCounts> = {};
  readonly refusals: Record<string, number> = {};
  readonly shownActions: Record<string, number> = {};
  readonly refrainReasons: Record<string, number> = {};
  /** Ids of the final utterances accepted, by call. */
  readonly utterances = new Map<string, Set<string>>();
  events = 0;
  shown = 0;
  refrained = 0;

  count(type: string, result: 'accepted' | 'duplicate' | 'refused', reason?: string): void {
    const counts = (this.byType[type] ??= { read: 0, accepted: 0, duplicate: 0, refused: 0 });
    this.events += 1;
    counts.read += 1;
    counts[result] += 1;
    if (reason !== undefined) this.refusals[reason] = (this.refusals[reason] ?? 0) + 1;
  }

  utterance(callId: string, utteranceId: string): void {
    const known = this.utterances.get(callId) ?? new Set();
    known.add(utteranceId);
    this.utterances.set(callId, known);
  }

  decision({ kind, what }: DecisionLine): void {
    const key = what.split(' ')[0] ?? what;
    const counts = kind === 'show' ? this.shownActions : this.refrainReasons;
    counts[key] = (counts[key] ?? 0) + 1;
    if (kind === 'show') this.shown += 1;
    else this.refrained += 1;
  }

  /** Sum over the types. */
  total(result: keyof TypeCounts): number {
    return Object.values(this.byType).reduce((sum, counts) => sum + counts[result], 0);
  }
}
