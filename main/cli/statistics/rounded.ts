/** Figures for people and scripts: twelve digits, so that the last bits of a machine's logarithms do not show. */
export const rounded = <T>(value: T): T => {
  if (typeof value === 'number') return (Number.isFinite(value) ? Number(value.toPrecision(12)) : null) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => rounded(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, rounded(item)])) as T;
};
