/**
 * The abstract suite of the store: what services/store/store.ts promises, run against every implementation. Memory,
 * SQLite and MariaDB answer every question here alike.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '#store';
import type { FakeClock } from '../support/fake-clock.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { describeAccounts } from './accounts.contract.ts';
import { describeAdministration } from './administration.contract.ts';
import { describeArchive } from './archive.contract.ts';
import { describeDevicePasswords } from './device-passwords.contract.ts';
import { describeIdentity } from './identity.contract.ts';
import { describeNodes } from './nodes.contract.ts';
import { describePersonal } from './personal.contract.ts';
import { describePublications } from './publications.contract.ts';
import { describeShared } from './shared.contract.ts';
import { describeSubscriptions } from './subscriptions.contract.ts';
import { describeWaiting } from './waiting.contract.ts';

/** Gives an empty store, as after the first migration, at each call. */
export type StoreFactory = (clock: FakeClock) => Promise<{
  readonly store: Store;
  /** The same rows by another way than this store: as another process, or a person, comes to them. */
  openOther(): Promise<Store>;
  remove(): Promise<void>;
}>;
/** One empty store per `describe`, and the clock it reads. */
export type Fresh = () => {
  readonly store: Store;
  readonly clock: FakeClock;
  openOther(): Promise<Store>;
};

export function storeContract(name: string, factory: StoreFactory): void {
  describe(`the store's contract: ${name}`, () => {
    const within = (title: string, body: (fresh: Fresh) => void): void => {
      describe(title, () => {
        const clock = makeFakeClock();
        let made: Awaited<ReturnType<StoreFactory>> | undefined;
        beforeAll(async () => {
          made = await factory(clock);
        });
        afterAll(async () => {
          await made?.remove();
        });
        body(() => {
          if (made === undefined) throw new Error('the store was not made');
          return { store: made.store, clock, openOther: made.openOther };
        });
      });
    };
    describeAccounts(within);
    describeDevicePasswords(within);
    describeIdentity(within);
    describeNodes(within);
    describePublications(within);
    describePersonal(within);
    describeSubscriptions(within);
    describeWaiting(within);
    describeShared(within);
    describeAdministration(within);
    describeArchive(within);

    within('close', (fresh) => {
      test('writes under way finish before the store lets go', async () => {
        const { store, clock } = fresh();
        const append = store.journal.append([{ kind: 'everything', subject: '' }], clock.now());
        await store.close();
        await expect(append).resolves.toBeUndefined();
      });
    });
  });
}

export type Within = (title: string, body: (fresh: Fresh) => void) => void;
