/** From the facts of a decision to the numbers its conditions compare. */
import type { CompiledRevision } from './compile-revision.ts';
import type { DecisionFacts, FieldFact } from './facts.ts';
import { mayHoldMore } from './field-values.ts';
import { OTHER_WORD } from './slots.ts';

/** Fills `compiled.x`: NaN where a value is unknown. */
export function fillSlots(compiled: CompiledRevision, facts: DecisionFacts, nowMs: number): Float64Array {
  const { slots, x } = compiled;
  const values: FieldFact[] = [];
  for (const [position, field] of compiled.usedFields.entries()) values[field] = facts.fields[position] ?? null;
  const heard = new Set(facts.said.map(([list]) => list));
  let count = 0;
  for (const [at, slot] of slots.slots.entries()) {
    switch (slot.kind) {
      case 'field':
        x[at] = fieldNumber(compiled, slot.field, values[slot.field] ?? null);
        break;
      case 'since': {
        const atMs = values[slot.field];
        x[at] = typeof atMs === 'number' ? nowMs - atMs : Number.NaN;
        break;
      }
      case 'count':
        x[at] = facts.counts[count++] ?? Number.NaN;
        break;
      case 'has': {
        const set = values[slot.field];
        if (!Array.isArray(set)) x[at] = Number.NaN;
        else if (set.includes(slot.value)) x[at] = 1;
        else x[at] = mayHoldMore(compiled.revision.fields[slot.field]!.path, facts.eventsMissing) ? Number.NaN : 0;
        break;
      }
      case 'said':
        x[at] = heard.has(slot.list) ? 1 : facts.eventsMissing ? Number.NaN : 0;
        break;
    }
  }
  return x;
}

function fieldNumber({ slots }: CompiledRevision, field: number, value: FieldFact): number {
  switch (typeof value) {
    case 'number':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'string':
      return slots.words(field).get(value) ?? OTHER_WORD;
    default:
      return Number.NaN;
  }
}
