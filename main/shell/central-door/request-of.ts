/** How a question of the window goes to central by HTTP. */

export interface CentralRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

/**
 * `route`: a row of CENTRAL_CHANNELS; `request`: what its schema let through. Null: a name in it would lead to another endpoint, so
 * there is nothing of that name.
 */
export function requestOf(route: { readonly method: 'GET' | 'POST'; readonly path: string }, request: object): CentralRequest | null {
  const rest = new Map(Object.entries(request));
  let isNamed = true;
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = String(rest.get(name) ?? '');
    rest.delete(name);
    // What a URL takes for a folder is written the same encoded or not.
    if (value === '' || value === '.' || value === '..') isNamed = false;
    return encodeURIComponent(value);
  });
  if (!isNamed) return null;
  if (route.method === 'POST') return { method: 'POST', path, body: rest.get('body') };
  const query = new URLSearchParams([...rest].map(([name, value]): [string, string] => [name, String(value)])).toString();
  return { method: 'GET', path: query === '' ? path : `${path}?${query}` };
}
