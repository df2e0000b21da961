/** Situations with what is wanted of them, tried with a revision. No model is run: actions go by their starting propensities, as at a desk without one. */
import type { Persona, PersonaResult } from '#contract/change-request.ts';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { compileRevision, Decider } from '#core';
import { requestInputs } from '#policy';
import { NAMELESS } from './blast-of-records.ts';

export function tryPersonas(revision: CheckedRevision, personas: readonly Persona[]): readonly PersonaResult[] {
  if (personas.length === 0) return [];
  const decider = new Decider(compileRevision(revision), NAMELESS);
  return personas.map(({ name, request, expect }, i) => {
    const { result } = decider.decide(requestInputs(request, { id: `persona-${i + 1}`, language: revision.language }), null);
    const shown = result.kind === 'show' ? result.prompts.map(({ actionId }) => actionId) : [];
    const wrong = [
      ...(expect.shows ?? []).filter((id) => !shown.includes(id)).map((id) => `${id} is not shown`),
      ...(expect.hides ?? []).filter((id) => shown.includes(id)).map((id) => `${id} is shown`),
      ...(expect.refrains === true && shown.length > 0 ? [`${shown.join(', ')} is shown where nothing should be`] : []),
    ];
    return { name, ok: wrong.length === 0, shown, wrong };
  });
}
