import { describe, expect, it } from 'vitest';
import type { CheckedTreatment } from '#contract/checked-policy.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import { decide } from './deciding.ts';
import { action, inputs, is, profile, revision } from './fixtures.ts';

const endOf = (of: Parameters<typeof action>[1], more: Parameters<typeof inputs>[0] = {}): string =>
  decide(revision([action('a', of)]), inputs(more)).ended['a'] ?? '';

const treatmentOf = (treatments: CheckedTreatment[], fields: ProfileSlice['fields'], language = 'en') =>
  decide(revision([action('a', { treatments })]), inputs({ language, profile: profile({ fields }) })).treatments['a'] ?? null;

describe('a treatment', () => {
  it('is needed for the channel, in the language asked for, else in the revision’s', () => {
    expect(endOf({}, { channel: 'chat' })).toBe('available/no-treatment-for-channel');
    const treatments = ['de', 'en', 'en-AU'].map(
      (language) => ({ id: language.toLowerCase(), channel: 'voice', language, do: 'x' }) as const,
    );
    const chosen = (language: string) => {
      const { result } = decide(revision([action('a', { treatments })]), inputs({ language })).decision;
      return result.kind === 'show' ? result.prompts[0]?.treatmentId : null;
    };
    expect([chosen('en-AU'), chosen('en-GB'), chosen('de-AT'), chosen('fr')]).toEqual(['en-au', 'en', 'de', 'en']);
  });
  it('is the first whose condition is true, the language before the condition; what is unknown is not true', () => {
    const plain: CheckedTreatment = { id: 'plain', channel: 'voice', language: 'en', do: 'x' };
    const gentle: CheckedTreatment = { ...plain, id: 'gentle', when: is('profile.hardship', '==', true) };
    const german: CheckedTreatment = { ...plain, id: 'german', language: 'de', when: is('profile.tenureMonths', '>=', 12) };
    expect(treatmentOf([gentle, plain], { hardship: true })).toBe('gentle');
    expect(treatmentOf([gentle, plain], { hardship: false })).toBe('plain');
    expect(treatmentOf([gentle, plain], {})).toBe('plain');
    expect(treatmentOf([plain, german], { tenureMonths: 12 }, 'de')).toBe('german');
    expect(treatmentOf([plain, german], { tenureMonths: 11 }, 'de')).toBe('plain');
    expect(treatmentOf([plain, german], { tenureMonths: 12 })).toBe('plain');
    expect(treatmentOf([gentle], { hardship: true })).toBe('gentle');
    expect(treatmentOf([gentle], { hardship: false })).toBeNull();
    expect(endOf({ treatments: [gentle] }, { profile: profile({ fields: {} }) })).toBe('available/no-treatment-for-channel');
    expect(endOf({ treatments: [gentle, german] }, { profile: profile({ fields: { tenureMonths: 12 } }), language: 'de' })).toBe(
      'shown/primary',
    );
  });
});
