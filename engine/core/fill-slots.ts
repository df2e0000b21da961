/** From the facts of a decision to the numbers its conditions compare. */
import { at } from './at.ts';
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
  for (const [number, slot] of slots.slots.entries()) {
    switch (slot.kind) {
      case 'field':
        x[number] = fieldNumber(compiled, slot.field, values[slot.field] ?? null);
        break;
      case 'since': {
        const atMs = values[slot.field];
        x[number] = typeof atMs === 'number' ? nowMs - atMs : Number.NaN;
        break;
      }
      case 'count':
        x[number] = facts.counts[count++] ?? Number.NaN;
        break;
      case 'has': {
        const set = values[slot.field];
        if (!Array.isArray(set)) x[number] = Number.NaN;
        else if (set.includes(slot.value)) x[number] = 1;
        else x[number] = mayHoldMore(at(compiled.revision.fields, slot.field).path, facts.eventsMissing) ? Number.NaN : 0;
        break;
      }
      case 'said':
        x[number] = heard.has(slot.list) ? 1 : facts.eventsMissing ? Number.NaN : 0;
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
