/**
 * What choices are expected to earn, by the means of the others: of each row the mean reward of its action at its place among all
 * rows but itself, drawn towards the mean of all by the weight of one row. Leaving the row out keeps it from vouching for itself.
 */
export interface PlacedChoices {
  readonly rewards: Float64Array;
  /** 0 … actionCount − 1. */
  readonly actions: Int32Array;
  /** 0 … placeCount − 1. */
  readonly places: Int32Array;
}

/** `target(action, place)`: its probability under the policy in question. */
export function meanRewards(
  { rewards, actions, places }: PlacedChoices,
  actionCount: number,
  placeCount: number,
  target: (action: number, place: number) => number,
): { readonly logged: Float64Array; readonly target: Float64Array } {
  const n = rewards.length;
  const sums = new Float64Array(actionCount * placeCount);
  const counts = new Float64Array(actionCount * placeCount);
  let total = 0;
  for (let i = 0; i < n; i++) {
    const cell = (actions[i] as number) * placeCount + (places[i] as number);
    sums[cell] = (sums[cell] as number) + (rewards[i] as number);
    counts[cell] = (counts[cell] as number) + 1;
    total += rewards[i] as number;
  }
  const overall = total / n;
  const mean = (cell: number, sum: number, count: number): number =>
    (sum + (sums[cell] as number) + overall) / (count + (counts[cell] as number) + 1);
  const ofPolicy = Float64Array.from({ length: placeCount }, (_, place) => {
    let value = 0;
    for (let action = 0; action < actionCount; action++) value += target(action, place) * mean(action * placeCount + place, 0, 0);
    return value;
  });
  const logged = new Float64Array(n);
  const expected = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const action = actions[i] as number;
    const place = places[i] as number;
    const cell = action * placeCount + place;
    const without = mean(cell, -(rewards[i] as number), -1);
    logged[i] = without;
    expected[i] = (ofPolicy[place] as number) + target(action, place) * (without - mean(cell, 0, 0));
  }
  return { logged, target: expected };
}
