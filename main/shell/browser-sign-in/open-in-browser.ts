/** The one thing that is ever opened outside: the identity provider's page to sign in, in the system's browser. */
import type { Shell } from 'electron';
import { InWords } from '#contract/fault.ts';
import { isLoopback } from '../../network/is-loopback.ts';

/** Throws, opening nothing, for any address that is not of `origin`, or that is neither https nor of this computer. */
export async function openInBrowser(shell: Pick<Shell, 'openExternal'>, url: URL, origin: string): Promise<void> {
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
  if (!isSafe || url.origin !== origin || url.username !== '' || url.password !== '')
    throw new InWords('The address to sign in at is not the identity provider’s. Ask support.');
  await shell.openExternal(url.href);
}
