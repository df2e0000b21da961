import { z } from 'zod';
import source from './en.json?raw';

/** ICU messages by id. */
export const messages: Readonly<Record<string, string>> = z.record(z.string(), z.string()).parse(JSON.parse(source));
