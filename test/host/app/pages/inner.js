globalThis.bridge = typeof fixture;
if (globalThis.bridge === 'object') fixture.call('who').then((who) => (globalThis.who = who));
