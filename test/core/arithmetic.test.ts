import { describe, expect, it } from 'vitest';
import { REASON_ALPHABET } from '#contract/reason-codes.ts';
import { canonicalJson, exp, isoFromMs, parseIsoMs, smooth } from '#core';
import { decide } from './deciding.ts';
import { action, core, inputs, revision } from './fixtures.ts';

describe('exp', () => {
  it('is within one unit in the last place of the platform, over its whole range', () => {
    let checked = 0;
    for (let x = -745; x <= 709.7; x += 0.00917) {
      const expected = Math.exp(x);
      const unit = Math.max(Number.MIN_VALUE, expected * Number.EPSILON);
      expect(Math.abs(exp(x) - expected)).toBeLessThanOrEqual(unit);
      checked++;
    }
    expect(checked).toBeGreaterThan(150_000);
  });

  it('has the known values at the edges', () => {
    expect([exp(0), exp(-0), exp(Infinity), exp(-Infinity), exp(710), exp(-746)]).toEqual([1, 1, Infinity, 0, Infinity, 0]);
    expect(exp(Number.NaN)).toBeNaN();
    expect(exp(1)).toBe(Math.E);
    expect(exp(709.782712893384)).toBe(1.7976931348622732e308);
  });
});

describe('smoothing', () => {
  it('is the starting propensity without evidence', () => {
    expect(smooth(0.9, 0, 0.3, 50)).toBe(0.3);
    expect(smooth(0.9, 0, 0.3, 0)).toBe(0.3);
  });
  it('weighs by responses', () => {
    expect(smooth(0.8, 50, 0.2, 50)).toBeCloseTo(0.5, 12);
    expect(smooth(0.8, 100, 0.2, 0)).toBe(0.8);
  });
});

describe('moments', () => {
  it.each([
    '2026-11-22T19:43:05.123Z',
    '2024-02-29T23:59:59Z',
    '2000-01-01T00:00:00+13:45',
    '1969-12-31T23:59:59.999-00:30',
    '2100-03-01T00:00:00.5Z',
    '2026-07-01',
  ])('reads %s as the platform does', (text) => {
    expect(parseIsoMs(text)).toBe(Date.parse(text));
  });

  it.each([
    '',
    'yesterday',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-01-01T10:00:00',
    '2026-01-01T24:00:00Z',
    '2026-01-01T10:00:60Z',
    '2026-1-1',
    ' 2026-01-01',
  ])('does not take "%s" for a moment', (text) => {
    expect(parseIsoMs(text)).toBeNaN();
  });

  it('writes every day from 1970 to 2100 as the platform does', () => {
    let checked = 0;
    for (let ms = 0; ms < 4_102_444_800_000; ms += 86_400_000 + 61_001) {
      expect(isoFromMs(ms)).toBe(new Date(ms).toISOString());
      expect(parseIsoMs(isoFromMs(ms))).toBe(ms);
      checked++;
    }
    expect(checked).toBeGreaterThan(47_000);
  });
});

describe('the record', () => {
  it('fits its schema and its alphabet', () => {
    const { decision, record } = decide(revision([action('a'), action('b')]), inputs());
    expect(canonicalJson(record)).toBe(decision.recordJson);
    expect(Buffer.from(decision.recordBytes).toString('utf8')).toBe(decision.recordJson);
    expect(decision.hash).toBe(core.sha256(decision.recordBytes));
    for (const letter of record.reasons) expect(REASON_ALPHABET).toContain(letter);
  });
});
