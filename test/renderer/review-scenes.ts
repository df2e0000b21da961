/** What rooms of what is looked at afterwards have in common: Sue Berg sits here. */
import type { Room } from '#contract/rooms.ts';
import type { DeskPage } from './window-driver.ts';

export const DAY_MS = 86_400_000;
export const HOSTILE = '<img src=x onerror="twin.ran=true">';
export const told = (answer: unknown) => ({ told: true, answer });
export const reviewing = (rooms: readonly Room[]) => ({
  'session:people': { here: { agentId: 'sue', name: 'Sue Berg', language: 'en', rooms }, people: [] },
});
export const estimate = (value: number) => ({ estimate: value, low: value - 0.1, high: value + 0.1 });
export const FIGURE = {
  key: 'explain-bill',
  name: 'Explain the higher bill',
  seen: 240,
  acceptance: estimate(0.6),
  override: estimate(0.2),
  rejection: null,
  appropriate: estimate(0.7),
  notActed: null,
  seenToAcceptS: estimate(6.4),
};

/** Of what was asked last on a channel. */
export const bodyOf = async (desk: DeskPage, channel: string) =>
  ((await desk.calls(channel)).at(-1)?.request as { readonly body?: unknown } | undefined)?.body;
