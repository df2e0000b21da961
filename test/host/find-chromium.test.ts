import { existsSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { findChromium } from '#main/host/find-chromium.mjs';

afterEach(() => vi.unstubAllEnvs());

test('finds a binary that is there', () => {
  vi.stubEnv('SOTTO_CHROMIUM', '');
  const found = findChromium();
  if (found !== undefined) expect(existsSync(found)).toBe(true);
});

test('SOTTO_CHROMIUM alone decides when it is set', () => {
  vi.stubEnv('SOTTO_CHROMIUM', process.execPath);
  expect(findChromium()).toBe(process.execPath);
  vi.stubEnv('SOTTO_CHROMIUM', '/nowhere/chromium');
  expect(findChromium()).toBe(undefined);
});
