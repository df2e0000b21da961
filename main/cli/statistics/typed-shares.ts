/** Arms and their shares as typed: `control=0.1,nba=0.9`. Null where nothing was; in words what is wrong. */
export const typedShares = (text: string | undefined, option: string): ReadonlyMap<string, number> | null | string => {
  if (text === undefined) return null;
  const shares = new Map<string, number>();
  for (const part of text.split(',')) {
    const [arm = '', share = ''] = part.split('=').map((one) => one.trim());
    if (arm === '' || shares.has(arm) || !(Number(share) > 0) || !Number.isFinite(Number(share)))
      return `${option} must be arms and numbers above 0, such as control=0.1,nba=0.9, not "${text}"`;
    shares.set(arm, Number(share));
  }
  return shares;
};
