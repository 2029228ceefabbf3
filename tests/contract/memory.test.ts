import { makeMemoryStore } from '#store';
import { storeContract } from './store.contract.ts';

storeContract('memory', async (clock) => {
  const store = makeMemoryStore({ clock });
  return { store, openOther: async () => store, remove: async () => undefined };
});
