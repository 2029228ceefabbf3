/**
 * application/watcherinfo+xml as its receiver reads it (RFC 3858 §4): documents one after the other, and the table that
 * comes of them. With a reader of its own, so that the server is not proved with itself.
 */

export interface WatcherRow {
  readonly id: string;
  readonly uri: string;
  readonly status: string;
  readonly event: string;
  readonly expiration: number | undefined;
  readonly duration: number | undefined;
}

export interface WatcherinfoDocument {
  readonly version: number;
  readonly state: string;
  readonly resource: string;
  readonly package: string;
  readonly watchers: readonly WatcherRow[];
}

export function readWatcherinfo(body: string): WatcherinfoDocument {
  const root = attributesOf(/<watcherinfo ([^>]*)>/.exec(body)?.[1]);
  const list = attributesOf(/<watcher-list ([^>]*?)\/?>/.exec(body)?.[1]);
  const watchers = [...body.matchAll(/<watcher ([^>]*)>([^<]*)<\/watcher>/g)].map(([, attributes, uri = '']) => {
    const of = attributesOf(attributes);
    const number = (name: string): number | undefined => (of[name] === undefined ? undefined : Number(of[name]));
    return {
      id: of['id'] ?? '',
      uri: unescaped(uri),
      status: of['status'] ?? '',
      event: of['event'] ?? '',
      expiration: number('expiration'),
      duration: number('duration-subscribed'),
    };
  });
  return {
    version: Number(root['version'] ?? Number.NaN),
    state: root['state'] ?? '',
    resource: list['resource'] ?? '',
    package: list['package'] ?? '',
    watchers,
  };
}

/** What a receiver of all these bodies holds: by id, those who ended taken out. @throws when a version was left out or repeated. */
export function tableOf(bodies: readonly string[]): ReadonlyMap<string, WatcherRow> {
  let version: number | undefined;
  const table = new Map<string, WatcherRow>();
  for (const body of bodies) {
    const document = readWatcherinfo(body);
    if (version !== undefined && document.version !== version + 1) {
      throw new Error(`version ${document.version} after ${version}`);
    }
    version = document.version;
    if (document.state === 'full') table.clear();
    for (const row of document.watchers) {
      if (row.status === 'terminated') table.delete(row.id);
      else table.set(row.id, row);
    }
  }
  return table;
}

/** `bob active approved`, in the order of the document. */
export function worded({ watchers }: WatcherinfoDocument): readonly string[] {
  return watchers.map(({ uri, status, event }) => `${/:(.*)@/.exec(uri)?.[1]} ${status} ${event}`);
}

function attributesOf(text = ''): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value = '']) => [name, unescaped(value)]),
  );
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** XML 1.0 §4.1, §4.6. @throws on an entity that XML does not define. */
function unescaped(text: string): string {
  return text.replace(/&([^;]*);?/g, (_, name: string) => {
    const character = name.startsWith('#') ? String.fromCodePoint(Number(name.slice(1))) : ENTITIES[name];
    if (character === undefined) throw new Error(`&${name}; is not defined`);
    return character;
  });
}
