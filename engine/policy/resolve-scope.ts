import type { Condition, CountScope, Operand, StatedCondition } from '#contract/condition.ts';

/** Stands for "the action at hand" (or its group or issue) until the action is known; no real name is empty. */
export const THIS = '';

/** The action a condition is checked for. */
export interface ActionPlace {
  readonly id: string;
  readonly group: string;
  readonly issue: string;
}

/** Puts the action's names in place of `this`. A tree without `this` is returned as it is. */
const resolveScope = (condition: Condition, place: ActionPlace): Condition => {
  switch (condition.op) {
    case 'and':
    case 'or': {
      const of = condition.of.map((part) => resolveScope(part, place));
      return of.every((part, i) => part === condition.of[i]) ? condition : { op: condition.op, of };
    }
    case 'not': {
      const of = resolveScope(condition.of, place);
      return of === condition.of ? condition : { op: 'not', of };
    }
    case 'compare':
    case 'in': {
      const left = resolveOperand(condition.left, place);
      return left === condition.left ? condition : { ...condition, left };
    }
    case 'has':
    case 'said':
    case 'literal':
      return condition;
  }
};

/** The same for conditions with the texts they came from; without a place, or without `this` in any, the list as it is. */
export const resolveAll = (conditions: readonly StatedCondition[], place: ActionPlace | undefined): readonly StatedCondition[] => {
  if (place === undefined || !conditions.some(({ condition }) => namesThis(condition))) return conditions;
  return conditions.map((at) => {
    const condition = resolveScope(at.condition, place);
    return condition === at.condition ? at : { ...at, condition };
  });
};

const resolveOperand = (operand: Operand, place: ActionPlace): Operand =>
  operand.kind === 'count' && isThis(operand.scope) ? { ...operand, scope: namedScope(operand.scope, place) } : operand;

const isThis = (scope: CountScope): boolean => scope.of !== 'any' && scope.name === THIS;

const namedScope = (scope: CountScope, place: ActionPlace): CountScope => {
  switch (scope.of) {
    case 'action':
      return { of: 'action', name: place.id };
    case 'group':
      return { of: 'group', name: place.group };
    case 'issue':
      return { of: 'issue', name: place.issue };
    case 'any':
      return scope;
  }
};

/** Whether a condition speaks of the action at hand. */
export const namesThis = (condition: Condition): boolean => {
  switch (condition.op) {
    case 'and':
    case 'or':
      return condition.of.some(namesThis);
    case 'not':
      return namesThis(condition.of);
    case 'compare':
    case 'in':
      return condition.left.kind === 'count' && isThis(condition.left.scope);
    case 'has':
    case 'said':
    case 'literal':
      return false;
  }
};
