/** A portal as somebody uses it: devices, watchers, rules, groups, days gone by. */
import type { Aor, EntityTag, Permission, Publication, Subject, Subscription } from '#model';
import { writeStatus } from '#packages';
import type { Store } from '#store';

const HOUR = 3_600_000;

export async function furnish(store: Store, domain: string): Promise<void> {
  const now = Date.now();
  const aor = (name: string): Aor => `sip:${name}@${domain}` as Aor;
  const owner = aor('alice');

  const device = (given: Partial<Publication> & { readonly etag: EntityTag; readonly id: string }): Publication => ({
    presentity: owner,
    event: 'presence',
    contentType: 'application/pidf+xml',
    body: writeStatus(owner, {
      open: true,
      activities: ['on-the-phone'],
      other: '',
      note: 'with the bank, until three',
    }),
    modifiedAt: now - 4 * 60_000,
    expiresAt: now + 40 * 60_000,
    publisher: owner,
    userAgent: 'Linphone Desktop/5.2.6',
    ...given,
  });
  const publications = [
    device({ id: 'd'.repeat(22), etag: 'd1' as EntityTag }),
    device({
      id: 'e'.repeat(22),
      etag: 'e1' as EntityTag,
      body: writeStatus(owner, { open: false, activities: [], other: '', note: '' }),
      userAgent: 'Yealink SIP-T46U 108.86.0.20',
      modifiedAt: now - 3 * HOUR,
    }),
  ];
  for (const publication of publications) await store.publications.write({ kind: 'insert', publication });

  const watch = (
    id: string,
    watcher: string,
    state: 'pending' | 'active',
    permission: Permission,
    age: number,
  ): Subscription => ({
    id: id.padEnd(22, 'x'),
    presentity: owner,
    event: 'presence',
    eventId: '',
    cause: 'subscribe',
    watcher: aor(watcher),
    state,
    permission,
    contentType: 'application/pidf+xml',
    createdAt: now - age,
    expiresAt: now + 25 * 60_000,
    userAgent: state === 'pending' ? 'MicroSIP/3.21.3' : 'Blink 6.0.4 (macOS)',
    dialog: {
      callId: id,
      localTag: 'l',
      remoteTag: 'r',
      localUri: owner,
      remoteUri: aor(watcher),
      remoteTarget: 'sip:192.0.2.9',
      routeSet: [],
      remoteCseq: 1,
      flow: 'udp:192.0.2.9:5060',
    },
    reservedCseq: 0,
    told: '',
  });
  const subscriptions = [
    watch('s1', 'kim', 'pending', 'confirm', 90_000),
    watch('s2', 'a.person.with.a.rather.long.name', 'pending', 'confirm', 3 * HOUR),
    watch('s3', 'bob', 'active', 'allow', 5 * HOUR),
    watch('s4', 'carol', 'active', 'polite-block', 26 * HOUR),
  ];
  for (const subscription of subscriptions) await store.subscriptions.write({ kind: 'insert', subscription });

  await store.groups.set({
    id: 'family-of-alice',
    owner,
    name: 'Family',
    members: [aor('dad'), aor('mum'), aor('zoe')],
  });
  const rules: readonly (readonly [string, Permission, object?])[] = [
    [aor('bob'), 'allow'],
    [aor('carol'), 'polite-block'],
    ['group:family-of-alice', 'allow'],
    ['@customers.example', 'polite-block', { fromAt: now - HOUR, untilAt: now + 72 * HOUR }],
    [aor('summer.intern'), 'allow', { untilAt: now - 24 * HOUR }],
  ];
  for (const [subject, permission, dates] of rules) {
    await store.rules.set({ owner, subject: subject as Subject, event: 'presence', permission, ...dates });
  }

  await store.pastWatchers.write(
    ['dave', 'erin', 'frank'].map((name, index) => ({
      owner,
      watcher: aor(name),
      event: 'presence',
      client: 'baresip v3.6',
      firstAt: now - (index + 9) * 24 * HOUR,
      lastAt: now - (index + 1) * 20 * HOUR,
    })),
  );
  const seen = (kind: 'challenged' | 'wrong-password' | 'publishing' | 'watching', status: number, ago: number) => ({
    owner,
    kind,
    client: 'Linphone Desktop/5.2.6',
    flow: 'udp:192.0.2.31:5060',
    status,
    at: now - ago,
  });
  await store.sightings.write([
    seen('publishing', 200, 20_000),
    seen('watching', 200, 40_000),
    seen('wrong-password', 401, 70_000),
    seen('challenged', 401, 75_000),
  ]);

  const traced: readonly (readonly [string, string, readonly string[]])[] = [
    ['1 PUBLISH', '', ['Event: presence', 'Content-Type: application/pidf+xml', 'User-Agent: Linphone Desktop/5.2.6']],
    ['1 PUBLISH', '401 Unauthorized', [`WWW-Authenticate: Digest realm="${domain}", nonce="…", algorithm=MD5`]],
    ['2 PUBLISH', '', ['Event: presence', `Authorization: Digest username="alice", realm="${domain}", response="…"`]],
    ['2 PUBLISH', '401 Unauthorized', [`WWW-Authenticate: Digest realm="${domain}", nonce="…", algorithm=MD5`]],
    ['3 PUBLISH', '', ['Event: presence', 'Expires: 5', `Authorization: Digest username="alice", realm="${domain}"`]],
    ['3 PUBLISH', '423 Interval Too Brief', ['Min-Expires: 60']],
    ['4 PUBLISH', '', ['Event: presence', 'Expires: 600', `Authorization: Digest username="alice", realm="${domain}"`]],
    ['4 PUBLISH', '200 OK', ['SIP-ETag: e1', 'Expires: 600']],
  ];
  await store.traces.write(
    traced.map(([cseq, answer, fields], number) => ({
      owner,
      number: number < 6 ? number : number + 3,
      at: now - 60_000 + number * 1234,
      direction: answer === '' ? ('in' as const) : ('out' as const),
      flow: 'udp:192.0.2.31:5060|udp:0.0.0.0:5060',
      text: [
        answer === '' ? `PUBLISH sip:alice@${domain} SIP/2.0` : `SIP/2.0 ${answer}`,
        'Via: SIP/2.0/UDP 192.0.2.31:5060;branch=z9hG4bK.kP3n2;rport',
        `From: <sip:alice@${domain}>;tag=8u2k`,
        `To: <sip:alice@${domain}>`,
        'Call-ID: 7Jx3sQ0vWb',
        `CSeq: ${cseq}`,
        ...fields,
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    })),
  );
  await store.preferences.set(owner, 'trace', String(now + 8 * 60_000));

  await store.preferences.set(owner, 'availability', 'on');
  const day = (ago: number) =>
    (
      [
        [16, 'available'],
        [13.5, 'busy'],
        [12, 'away'],
        [11, 'available'],
        [7, 'busy'],
        [6, 'available'],
        [4, 'offline'],
      ] as const
    ).map(([hours, state]) => ({ owner, at: now - ago * 24 * HOUR - Math.round(hours * HOUR), state }));
  await store.availability.write([6, 5, 4, 3, 2, 1, 0].flatMap(day));
}
