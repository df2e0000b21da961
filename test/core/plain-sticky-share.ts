/** Where two texts fall between 0 and 1: FNV-1a and the finaliser of MurmurHash3, in whole numbers of any size. */
export function stickyShare(first: string, second: string): number {
  const all = 0xffff_ffffn;
  let hash = 0x811c_9dc5n;
  for (const byte of new TextEncoder().encode(`${first}\0${second}`)) hash = ((hash ^ BigInt(byte)) * 0x0100_0193n) & all;
  hash = ((hash ^ (hash >> 16n)) * 0x85eb_ca6bn) & all;
  hash = ((hash ^ (hash >> 13n)) * 0xc2b2_ae35n) & all;
  return Number(hash ^ (hash >> 16n)) / 2 ** 32;
}

/** What a decision draws from its seed, between 0 and 1: the finaliser alone. */
export function plainDraw(seed: number): number {
  const all = 0xffff_ffffn;
  let hash = BigInt(seed);
  hash = ((hash ^ (hash >> 16n)) * 0x85eb_ca6bn) & all;
  hash = ((hash ^ (hash >> 13n)) * 0xc2b2_ae35n) & all;
  return Number(hash ^ (hash >> 16n)) / 2 ** 32;
}
