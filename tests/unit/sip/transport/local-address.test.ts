import { expect, test } from 'vitest';
import { findLocalAddresses } from '../../../../services/sip/transport/local-address.ts';
import { makeFakeClock } from '../../../support/fake-clock.ts';

test('what was found for a peer is trusted for five minutes, then found again when the peer next sends', async () => {
  const clock = makeFakeClock();
  const addresses = await findLocalAddresses(4, clock);
  await addresses.find('127.0.0.1');
  expect(addresses.find('127.0.0.1')).toBeUndefined();
  await clock.advance(5 * 60_000 + 1);
  expect(addresses.on('127.0.0.1')).toBe('127.0.0.1');
  const again = addresses.find('127.0.0.1');
  expect(again).toBeInstanceOf(Promise);
  await again;
  expect(addresses.find('127.0.0.1')).toBeUndefined();
});

test('two messages of one peer are one lookup', async () => {
  const addresses = await findLocalAddresses(4, makeFakeClock());
  const first = addresses.find('127.0.0.2');
  expect(addresses.find('127.0.0.2')).toBe(first);
  await first;
});

test('forged sources do not cost a socket each without end: beyond 64 at once the guess is taken', async () => {
  const addresses = await findLocalAddresses(4, makeFakeClock());
  const lookups = Array.from({ length: 200 }, (_, index) => addresses.find(`127.0.1.${index}`));
  expect(lookups.filter((lookup) => lookup !== undefined)).toHaveLength(64);
  expect(addresses.on('127.0.1.199')).toBe('127.0.0.1');
  await Promise.all(lookups);
});
