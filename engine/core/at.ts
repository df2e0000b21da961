/** The element at an index at which there must be one. Hot loops over typed arrays read them directly. */
export function at<T>(list: readonly T[], index: number): T {
  const element = list[index];
  if (element === undefined)
    throw new RangeError(`no element ${index} in a list of ${list.length}: a compiled revision and its data disagree`);
  return element;
}
