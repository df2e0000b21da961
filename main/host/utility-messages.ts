import type { LinkMessage } from './message-ports.ts';

/** What the main process and a utility process send each other over Node's channel. */
export type UtilityMessage = LinkMessage | { readonly kind: 'message'; readonly data: unknown; readonly ports: readonly string[] };
