/** What a core needs of the runtime it is called in. */
import { sha256 } from '#adapters/system/system-randomness.ts';
import type { Core } from '#core';

const decoder = new TextDecoder();

export const coreOf = (hash: string): Core => ({ hash, sha256, text: (bytes) => decoder.decode(bytes) });
