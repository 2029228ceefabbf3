import { makeMemoryStore } from '#store';
import { storeContract } from './store.contract.ts';

storeContract('memory', async (clock) => ({ store: makeMemoryStore({ clock }), remove: async () => undefined }));
