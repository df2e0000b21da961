/**
 * Where something falls between 0 and 1, the same every time it is asked: who is in the control group, which calls try a
 * new action. FNV-1a over the UTF-8 bytes of two texts joined by U+0000, then the 32-bit finaliser of MurmurHash3, because
 * FNV alone leaves the high bits of short texts alike.
 */
import { utf8 } from './bytes.ts';

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** The state after the first text: what many second texts share. */
export function beginShare(first: string): number {
  return Math.imul(feed(OFFSET_BASIS, utf8(first)), PRIME);
}

/** 0 ≤ share < 1 of a second text, given as UTF-8, after `beginShare` of the first. */
export function endShare(state: number, second: Uint8Array): number {
  let hash = feed(state, second);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

function feed(state: number, bytes: Uint8Array): number {
  let hash = state;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] as number), PRIME);
  return hash;
}
