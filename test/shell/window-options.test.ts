import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '#main/shell/content-security-policy.ts';
import { isAppUrl, secureWindowOptions } from '#main/shell/window-options.ts';

test('[E2 E3 E4 E6 E8 E9 E11] the window options are exactly these', () => {
  expect(secureWindowOptions('/preload.cjs').webPreferences).toEqual({
    preload: '/preload.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
    devTools: false,
  });
});

test('[E7] the policy allows our own files and nothing else', () => {
  const rules = new Map(CONTENT_SECURITY_POLICY.split('; ').map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]));
  expect(rules.get('default-src')).toBe("'none'");
  expect(rules.get('connect-src')).toBe("'none'");
  expect(rules.get('trusted-types')).toBe("'none'");
  expect(rules.get('require-trusted-types-for')).toBe("'script'");
  for (const [name, value] of rules) expect(value, name).toMatch(/^'(none|self|script)'$/);
  expect(CONTENT_SECURITY_POLICY).not.toContain('unsafe');
});

test('[E13] only our own origin counts as ours', () => {
  expect(isAppUrl('app://bundle/index.html#x')).toBe(true);
  let looked = 0;
  fc.assert(
    fc.property(fc.webUrl({ validSchemes: ['http', 'https', 'app', 'file', 'data', 'javascript', 'blob'] }), (url) => {
      looked += 1;
      expect(isAppUrl(url)).toBe(/^app:\/\/bundle([/?#]|$)/.test(url));
    }),
    { numRuns: 5_000 },
  );
  expect(looked).toBe(5_000);
});
