/** How this desk was started: switches first, then the environment. Parsed once; a wrong value is refused in words. */
import { z } from 'zod';
import { Id } from '#contract/text.ts';

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
    const issue = parsed.error.issues[0];
    throw new Error(`--${String(issue?.path[0])} is not usable: ${issue?.message}`);
  }
  const { central, demonstration } = parsed.data;
  if (central !== null && !isLoopback(central)) {
    if (demonstration) {
      throw new Error(
        '--demonstration works with a central on this computer only: its key protects nothing. Leave it out for a real central.',
      );
    }
    if (new URL(central).protocol !== 'https:') {
      throw new Error('--central must be an https address: calls and customer data never travel unencrypted.');
    }
  }
  return parsed.data;
}

const isLoopback = (url: string): boolean => ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(url).hostname);
