// Page code, so that CSP applies to it (what a driver evaluates bypasses CSP).
import { byId } from './by-id.js';

const attempt = (action) => {
  try {
    return String(action());
  } catch (error) {
    return error.name;
  }
};
const seen = { violations: [], popup: undefined };
globalThis.seen = seen;
addEventListener('securitypolicyviolation', ({ effectiveDirective }) => seen.violations.push(effectiveDirective));
// oxlint-disable-next-line no-eval -- the policy must refuse it
seen.eval = attempt(() => eval('1 + 1'));
seen.html = attempt(() => {
  document.body.insertAdjacentHTML('beforeend', '<b>x</b>');
  return 'set';
});
seen.globals = [typeof onlyInPreload, typeof require, typeof process].join();
seen.secure = isSecureContext;
fetch('/by-id.js').then(
  () => (seen.fetch = 'fetched'),
  (error) => (seen.fetch = error.name),
);
fixture.onWorked(({ squared, at, bytes }) => {
  byId('pushed').textContent = [squared, at instanceof Date && at.getTime(), bytes instanceof Map && bytes.get('key')[2]].join(':');
});
byId('work').addEventListener('click', async () => {
  byId('out').textContent = await fixture.call('work', 12);
});
byId('popup').addEventListener('click', () => {
  seen.noAddress = attempt(() => window.open('http://['));
  seen.popup = window.open('https://elsewhere.test/popup', '', 'width=100,height=100');
});
byId('jump').addEventListener('click', () => {
  location.href = 'https://elsewhere.test/jump';
});
seen.ready = true;
