/** Must be the first module loaded: zod's probe for `new Function` would be reported by the window's content security policy. */
import { z } from 'zod';

z.config({ jitless: true });
