import { afterEach, describe, expect, it } from 'vitest';
import { type House, openHouse, pidf, uri } from '../support/house.ts';

let house: House;
afterEach(() => house.close());

const SECRET = 'for friends only';

describe('a network that loses, doubles and reorders', () => {
  it.each([1, 2, 3])(
    'seed %d: every watcher ends with the last state, no CSeq repeats, and a blocked one hears nothing more',
    async (seed) => {
      house = await openHouse({ seed, paceMs: 1_000, users: ['alice', 'bob', 'carol', 'dave'] });
      for (const friend of ['bob', 'carol', 'dave']) await house.rule('alice', friend, 'allow');
      await house.clock.advance(500);
      house.network.weather({ loss: 0.2, duplicate: 0.15, delayMs: [1, 700] });

      const alice = house.peer('alice');
      const peers = ['bob', 'carol', 'dave'].map((user) => house.peer(user));
      const watches = [];
      for (const peer of peers) watches.push(await peer.subscribe({ to: uri('alice'), expires: 3600 }));
      expect(watches.map(({ response }) => response.status)).toEqual([200, 200, 200]);

      let etag: string | undefined;
      let blockedAt = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 25; round += 1) {
        const body = pidf('alice', round % 2 === 0 ? 'open' : 'closed', `${SECRET} ${round}.`);
        const published = await alice.publish({ body, expires: 3600, ...(etag === undefined ? {} : { etag }) });
        etag = published.status === 200 ? published.header('SIP-ETag') : undefined;
        if (round === 12) {
          await house.rule('alice', 'dave', 'block');
          blockedAt = house.clock.now();
        }
        await house.clock.advance(700);
      }
      await house.clock.advance(60_000);

      const [bob, carol, dave] = watches;
      for (const watch of [bob, carol]) expect(watch?.last?.body).toContain(`${SECRET} 24.`);
      expect(dave?.last).toMatchObject({ state: 'terminated', body: '' });

      for (const peer of peers) {
        const sent = house.network.passages.filter(({ to, text }) => to === peer.address && text.startsWith('NOTIFY'));
        const byCseq = new Map<string, Set<string>>();
        for (const { text } of sent) {
          const cseq = /CSeq: (\d+)/.exec(text)?.[1] ?? '';
          byCseq.set(cseq, (byCseq.get(cseq) ?? new Set()).add(text));
        }
        // A CSeq that is seen twice is the same NOTIFY, retransmitted.
        expect([...byCseq.values()].every((texts) => texts.size === 1)).toBe(true);
        const terminated = sent.findIndex(({ text }) => text.includes('Subscription-State: terminated'));
        if (terminated >= 0) {
          const last = /CSeq: (\d+)/.exec(sent[terminated]?.text ?? '')?.[1];
          expect(sent.slice(terminated).every(({ text }) => text.includes(`CSeq: ${last} `))).toBe(true);
        }
      }
      const davesAddress = peers[2]?.address;
      const leaks = house.network.passages.filter(
        ({ to, at, text }) => to === davesAddress && at > blockedAt + 1_000 && text.includes(SECRET),
      );
      expect(leaks).toEqual([]);
    },
  );
});
