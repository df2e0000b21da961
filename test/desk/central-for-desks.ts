/** A central for the tests of one file, and for each of them a desk that nobody has signed in at. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Central } from '#central/central.ts';
import { embeddedFolder } from '../central/engines.ts';
import { openCentral, type Opened } from '../central/fixture.ts';
import { HotDesk } from './hot-desk.ts';

export interface CentralForDesks {
  readonly central: Central;
  readonly desk: HotDesk;
}

/** What it gives is there from the first test on. */
export function centralForDesks(): CentralForDesks {
  let home: Awaited<ReturnType<typeof embeddedFolder>>;
  let opened: Opened;
  let desk: HotDesk;
  beforeAll(async () => {
    home = await embeddedFolder();
    opened = await openCentral(null, { folder: home.folder });
  });
  afterAll(async () => {
    await opened.close();
    home.remove();
  });
  beforeEach(async () => {
    desk = await HotDesk.open(opened.central.url);
    return () => desk[Symbol.asyncDispose]();
  });
  return {
    get central() {
      return opened.central;
    },
    get desk() {
      return desk;
    },
  };
}
