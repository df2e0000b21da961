import https from 'node:https';

/** The library goes by no agent of its own accord; the global one, as it is by then, knows the way out. On this computer there is none. */
export const byProxy = (url: string): { readonly agent?: never } => (url.startsWith('https:') ? { agent: https.globalAgent as never } : {});
