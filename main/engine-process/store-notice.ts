import type { Salvaged } from '#adapters/sqlite/begin-epoch.ts';
import type { StoreNotice } from '#engine';

/** What the agent reads after a store was not what it should have been. */
export function storeNotice({ what, saved, lost }: Salvaged): StoreNotice {
  const counted = `${answers(saved)} not sent yet ${saved === 1 ? 'was' : 'were'} saved and will be sent; ${
    lost === 0 ? 'none was lost' : `up to ${answers(lost)} could not be read`
  }.`;
  if (what === 'damaged') {
    return {
      reason: 'store-salvaged',
      words: `Sotto’s store on this computer was damaged and was set aside; nothing was deleted. ${counted} Customer data is asked of central again. Tell support.`,
    };
  }
  return {
    reason: 'store-older',
    words: `Sotto’s store on this computer is older than what was last saved, as after a restored backup. ${counted} Customer data is asked of central again. Tell support.`,
  };
}

const answers = (count: number): string => (count === 1 ? 'One record' : `${count} records`);
