/** Databases that are full before a service is started on them: accounts, publications, subscriptions as long as in life. */
import type { Aor } from '#model';
import type { ArchiveRow, Store } from '#store';
import { aor, type Running } from '../../tests/support/processes.ts';
import { makeAccount, makePublication, makeSubscription, tag } from '../../tests/support/stores.ts';

export interface Filling {
  readonly publications: number;
  readonly subscriptions: number;
  /** Epoch ms, of the publication and the subscription with this index. */
  readonly publicationEndsAt: (index: number) => number;
  readonly subscriptionEndsAt: (index: number) => number;
  /** What the subscriptions came by, as the database has it; '' is a watcher that nobody can reach. */
  readonly flow: string;
}

const PAGE = 1000;
const written = new TextEncoder();
const document = (entity: Aor): Uint8Array =>
  written.encode(
    `<?xml version="1.0" encoding="UTF-8"?>\r\n<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${entity}"><tuple id="t1"><status><basic>open</basic></status><contact>${entity}</contact></tuple></presence>`,
  );

/** `u0`, `u1` … publish one document each; subscription n is of `u(n mod publications)`, by another of them. */
export async function fill(store: Store, filling: Filling): Promise<void> {
  await store.archive.replace(() => rows(filling));
}

async function* rows({ publications, subscriptions, ...filling }: Filling): AsyncIterable<readonly ArchiveRow[]> {
  const now = Date.now();
  yield [{ table: 'package', row: { event: 'presence', module: 'builtin:presence', enabled: true } }];
  yield* pages(publications, (index): ArchiveRow => {
    const { passwordHash, credentials, ...account } = makeAccount(`u${index}`);
    return { table: 'account', account: { ...account, disabled: false }, passwordHash, credentials };
  });
  yield* pages(publications, (index): ArchiveRow => {
    const presentity = aor(`u${index}`);
    const mine = { presentity, publisher: presentity, etag: tag(name('e', index)), body: document(presentity) };
    const expiresAt = filling.publicationEndsAt(index);
    const publication = makePublication(name('p', index), { ...mine, modifiedAt: now, expiresAt });
    return { table: 'publication', publication };
  });
  yield* pages(subscriptions, (index): ArchiveRow => {
    const subscription = makeSubscription(name('s', index), {
      presentity: aor(`u${index % publications}`),
      watcher: aor(`u${(index * 7 + 1) % publications}`),
      expiresAt: filling.subscriptionEndsAt(index),
      createdAt: now,
      told: name('t', index).slice(-16),
    });
    const dialog = {
      ...subscription.dialog,
      localTag: name('l', index).slice(-16),
      remoteTag: name('r', index).slice(-12),
      remoteTarget: 'sip:nobody@127.0.0.1:9;transport=udp',
      routeSet: [],
      flow: filling.flow,
    };
    return { table: 'subscription', subscription: { ...subscription, dialog } };
  });
}

/** 22 characters, as identifiers have; the number last. */
function name(kind: string, index: number): string {
  return `${kind}${String(index).padStart(22 - kind.length, '0')}`;
}

function* pages(count: number, make: (index: number) => ArchiveRow): Iterable<readonly ArchiveRow[]> {
  for (let start = 0; start < count; start += PAGE) {
    yield Array.from({ length: Math.min(PAGE, count - start) }, (_, index) => make(start + index));
  }
}

/** What watch-loop.mjs says each second. */
export interface Second {
  /** Epoch ms. */
  readonly at: number;
  readonly maxMs: number;
  readonly youngMs: number;
  readonly oldMs: number;
  readonly heapMb: number;
}

export function secondsOf(service: Running): readonly Second[] {
  return service.errors.flatMap((text) => (text.startsWith('loop ') ? [JSON.parse(text.slice(5)) as Second] : []));
}

/** The longest of all: of the event loop, and what of it was garbage collection of the young and the old part of the heap. */
export function pausesIn(seconds: readonly Second[]): { readonly longestMs: number; readonly youngMs: number; readonly oldMs: number } {
  const most = (what: 'maxMs' | 'youngMs' | 'oldMs'): number => Math.max(0, ...seconds.map((second) => second[what]));
  return { longestMs: most('maxMs'), youngMs: most('youngMs'), oldMs: most('oldMs') };
}
