import { describe, expect, it } from 'vitest';
import { REASON_ALPHABET, REASONS, type ReasonCode, type Stage } from '#contract/reason-codes.ts';
import { ActionFunnel } from '#policy';

const letter = (stage: Stage, code: ReasonCode): string =>
  REASON_ALPHABET.charAt(REASONS.findIndex((reason) => reason.stage === stage && reason.code === code));
const at = (funnel: ActionFunnel, stage: Stage) => funnel.stages().find((row) => row.stage === stage);

describe('the funnel', () => {
  it('counts what ended at each stage, what was left after it, and how often nothing was', () => {
    const funnel = new ActionFunnel();
    funnel.add([letter('basis', 'no-basis'), letter('eligibility', 'condition-false'), letter('shown', 'primary')].join(''));
    funnel.add(
      [letter('eligibility', 'condition-unknown'), letter('eligibility', 'condition-false'), letter('basis', 'objected')].join(''),
    );
    expect(funnel.decisions).toBe(2);
    expect(at(funnel, 'available')).toEqual({ stage: 'available', ended: 0, leftPerDecision: 3, noneLeft: 0 });
    expect(at(funnel, 'basis')).toEqual({ stage: 'basis', ended: 2, leftPerDecision: 2, noneLeft: 0 });
    expect(at(funnel, 'eligibility')).toEqual({ stage: 'eligibility', ended: 3, leftPerDecision: 0.5, noneLeft: 0.5 });
    expect(at(funnel, 'shown')).toEqual({ stage: 'shown', ended: 1, leftPerDecision: 0.5, noneLeft: 0.5 });
    expect(funnel.stages().reduce((sum, { ended }) => sum + ended, 0)).toBe(6);
  });

  it('puts must-say only where it is found out, which is after scoring', () => {
    const funnel = new ActionFunnel();
    funnel.add(letter('available', 'must-say-only'));
    expect(at(funnel, 'scored')).toMatchObject({ leftPerDecision: 1 });
    expect(at(funnel, 'threshold')).toMatchObject({ ended: 1, leftPerDecision: 0 });
  });

  it('of nothing is nothing; a letter that is no reason is refused', () => {
    expect(new ActionFunnel().stages().every(({ ended, leftPerDecision, noneLeft }) => ended + leftPerDecision + noneLeft === 0)).toBe(
      true,
    );
    expect(() => new ActionFunnel().add('*')).toThrow(RangeError);
  });
});
