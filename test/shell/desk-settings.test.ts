import { expect, test } from 'vitest';
import { deskSettings } from '#main/shell/desk-settings.ts';

const switches = (...given: readonly string[]) => ({
  hasSwitch: (name: string) => given.some((each) => each === `--${name}` || each.startsWith(`--${name}=`)),
  getSwitchValue: (name: string) => given.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3) ?? '',
});
const settings = (...given: readonly string[]) => deskSettings(switches(...given), {});

const HERE = ['http://127.0.0.1:4000', 'http://localhost:4000', 'http://[::1]:4000', 'https://localhost'];
const ELSEWHERE = [
  'http://central.example',
  'http://10.0.0.8:4000',
  'http://127.0.0.1.evil.test',
  'http://localhost.evil.test',
  'http://127.0.0.1@evil.test',
  'http://evil.test#@127.0.0.1',
  'http://0.0.0.0:4000',
  'http://[::ffff:10.0.0.8]',
];

test('[E1] a central that is not on this computer is reached by https or not at all', () => {
  for (const central of HERE) expect(settings(`--central=${central}`)).toMatchObject({ central, demonstration: false });
  for (const central of ELSEWHERE) {
    expect(() => settings(`--central=${central}`), central).toThrow('must be an https address');
    const secure = central.replace('http:', 'https:');
    expect(settings(`--central=${secure}`)).toMatchObject({ central: secure });
  }
});

test('a demonstration is refused against a central that is not on this computer, by http and by https', () => {
  for (const central of HERE) expect(settings('--demonstration', `--central=${central}`)).toMatchObject({ demonstration: true });
  for (const central of ELSEWHERE.flatMap((address) => [address, address.replace('http:', 'https:')]))
    expect(() => settings('--demonstration', `--central=${central}`), central).toThrow(
      '--demonstration works with a central on this computer only',
    );
  // The environment is no way round it.
  expect(() => deskSettings(switches('--demonstration'), { SOTTO_CENTRAL: 'http://10.0.0.8:4000' })).toThrow('--demonstration');
});

test('anything but a web address is refused in words', () => {
  for (const central of ['ftp://central.example', 'central.example', 'file:///etc/passwd', 'javascript:1'])
    expect(() => settings(`--central=${central}`), central).toThrow('--central is not usable');
});
