import { createHash } from 'node:crypto';
import path from 'node:path';

/** One folder a person below the app's own, so that nobody opens another's store; the name says nothing of who it is. */
export const storeFolder = (userData: string, agentId: string): string =>
  path.join(userData, 'stores', createHash('sha256').update(agentId).digest('hex').slice(0, 16));
