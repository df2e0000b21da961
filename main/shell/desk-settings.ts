/** How this desk was started: switches first, then the environment. Parsed once; a wrong value is refused in words. */
import { z } from 'zod';
import { InWords } from '#contract/fault.ts';
import { Id } from '#contract/text.ts';
import { isLoopback } from '../network/is-loopback.ts';

const Settings = z.object({
  /** Where central is; null = work from what is cached. */
  central: z.url({ protocol: /^https?$/ }).nullable(),
  /** Who sits here. Null until sign-in tells (or the last session is taken up again). */
  agent: Id.nullable(),
  /** Synthetic data of a central on this computer only: a throw-away key is good enough there, and the window says so. */
  demonstration: z.boolean(),
  clock: z.enum(['system', 'virtual']),
  /** One JSON line per decision and measurement on standard output. */
  lines: z.boolean(),
});
export type DeskSettings = Readonly<z.infer<typeof Settings>>;

interface Switches {
  hasSwitch(name: string): boolean;
  getSwitchValue(name: string): string;
}

/** Throws with words for the person who started it. */
export function deskSettings(switches: Switches, env: Readonly<Record<string, string | undefined>>): DeskSettings {
  const value = (name: string, variable: string): string | null => switches.getSwitchValue(name) || env[variable] || null;
  const parsed = Settings.safeParse({
    central: value('central', 'SOTTO_CENTRAL'),
    agent: value('agent', 'SOTTO_AGENT'),
    demonstration: switches.hasSwitch('demonstration'),
    clock: switches.hasSwitch('virtual-clock') ? 'virtual' : 'system',
    lines: switches.hasSwitch('lines'),
  });
  if (!parsed.success) {
    // The value itself is not repeated: what was typed there by mistake may be anything.
    throw new InWords(
      parsed.error.issues[0]?.path[0] === 'central'
        ? '--central is not usable: it must be an http or https address.'
        : '--agent is not usable: it must be the id of an agent.',
    );
  }
  const { central, demonstration } = parsed.data;
  if (central !== null && !isLoopback(central)) {
    if (demonstration) {
      throw new InWords(
        '--demonstration works with a central on this computer only: its key protects nothing. Leave it out for a real central.',
      );
    }
    if (new URL(central).protocol !== 'https:') {
      throw new InWords('--central must be an https address: calls and customer data never travel unencrypted.');
    }
  }
  return parsed.data;
}
