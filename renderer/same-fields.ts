/** Whether two flat values say the same. What comes from the engine is parsed anew each time, so that they are never the same object. */
export function sameFields<T extends object>(one: T, other: T): boolean {
  const names = Object.keys(one) as (keyof T)[];
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
