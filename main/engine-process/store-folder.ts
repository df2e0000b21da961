import { createHash } from 'node:crypto';
import path from 'node:path';

/** What a person's store is called: it says nothing of who it is. */
export const storeName = (agentId: string): string => createHash('sha256').update(agentId).digest('hex').slice(0, 16);

/** One folder a person below the app's own. */
export const storeFolder = (userData: string, agentId: string): string => path.join(userData, 'stores', storeName(agentId));
