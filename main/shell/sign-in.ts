/** Who is at this desk, and the access token that proves it to central. */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { InWords } from '#contract/fault.ts';
import { ExperienceLevel } from '#contract/policy.ts';
import { Id, LanguageTag } from '#contract/text.ts';
import { TokenResponse } from '#contract/sign-in.ts';

const Agent = z.object({ id: Id, name: z.string(), level: ExperienceLevel, language: LanguageTag });
export type Agent = z.infer<typeof Agent>;

const Desk = z.object({ deviceId: Id, agent: Agent.nullable() });
type Desk = z.infer<typeof Desk>;

const SIGN_IN_TIMEOUT_MS = 5_000;

/** This computer's own id and who was last signed in; no secret is in it. Made on the first start. */
export async function openDesk(folder: string): Promise<Desk> {
  const file = path.join(folder, 'desk.json');
  try {
    return Desk.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new InWords(`desk.json in this app's folder cannot be read; restore it or move it away to enrol this computer anew`, { cause });
    const desk: Desk = { deviceId: randomUUID(), agent: null };
    await saveDesk(folder, desk);
    return desk;
  }
}

export async function saveDesk(folder: string, desk: Desk): Promise<void> {
  await writeFile(path.join(folder, 'desk.json'), JSON.stringify(desk), { mode: 0o600 });
}

/** Signs in at central's development issuer. Null when central cannot be reached now: the desk then works from its cache. */
export async function signIn(central: string, agentId: string, deviceId: string): Promise<z.infer<typeof TokenResponse> | null> {
  let response: Response;
  try {
    response = await fetch(new URL('/dev/token', central), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ agentId, deviceId }),
      signal: AbortSignal.timeout(SIGN_IN_TIMEOUT_MS),
    });
  } catch {
    // Not reachable is a state of the desk, shown as such, not an error.
    return null;
  }
  if (response.status >= 500) return null;
  if (!response.ok)
    throw new InWords(
      `Central refused to sign in ${agentId} (${response.status}). Check the agent's name and that central runs for demonstration or development.`,
    );
  return TokenResponse.parse(await response.json());
}
