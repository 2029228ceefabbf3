import { describe, expect, test, vi } from 'vitest';
import { type Aor, aorOf } from '#model';
import { type EventPackage, hostPackage, PackageFault, presencePackage } from '#packages';
import { silentLog } from '#runtime';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { clientBody, NOON, PIDF_TYPE, publish } from '../../support/presence.ts';

const ALICE = aorOf('alice', 'example.test') as Aor;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function hosted(of: EventPackage) {
  const clock = makeFakeClock();
  const onQuarantine = vi.fn<(event: string) => void>();
  const error = vi.fn();
  return { clock, onQuarantine, error, host: hostPackage(of, { log: { ...silentLog, error }, clock, onQuarantine }) };
}

const presence = presencePackage as EventPackage;
const broken = (parts: object): EventPackage => ({ ...presence, ...parts });
const boom = (): never => {
  throw new Error('boom');
};

describe('the host draws bodies', () => {
  const published = [publish(clientBody('pjsua-udp-010'))];

  test('composed, concealed and written, for each permission', () => {
    const { host } = hosted(presence);
    const neutral = text(host.neutral(ALICE, PIDF_TYPE));
    expect(text(host.render(ALICE, published, 'allow', PIDF_TYPE, NOON))).toContain('On the phone');
    for (const permission of ['polite-block', 'confirm', 'block'] as const) {
      expect(text(host.render(ALICE, published, permission, PIDF_TYPE, NOON))).toBe(neutral);
    }
    expect(text(host.render(ALICE, [], 'allow', PIDF_TYPE, NOON))).toBe(neutral);
  });

  test('a waiting or blocked watcher gets nothing even out of a package that conceals nothing', () => {
    const { host } = hosted(broken({ conceal: (state: unknown) => state }));
    expect(text(host.render(ALICE, published, 'confirm', PIDF_TYPE, NOON))).not.toContain('On the phone');
    expect(text(host.render(ALICE, published, 'block', PIDF_TYPE, NOON))).not.toContain('On the phone');
  });

  test('what the package says of itself, in the units of the server', () => {
    const { host } = hosted(presence);
    expect(host).toMatchObject({
      name: 'presence',
      paceMs: 5000,
      duration: { min: 60, usual: 3600, max: 3600 },
      formats: [PIDF_TYPE],
      publishes: [PIDF_TYPE],
    });
    expect(host.chooseFormat([{ type: 'text/*', q: 1 }])).toBeUndefined();
    expect(host.nextChange(published, NOON)).toBeUndefined();
  });

  test('a type that the package does not name is unsupported without asking it', () => {
    const { host } = hosted(broken({ readPublication: boom }));
    expect(host.readPublication('application/sdp', new Uint8Array(), ALICE)).toEqual({ kind: 'unsupported' });
    expect(() => host.readPublication('Application/PIDF+XML ;a=b', new Uint8Array(), ALICE)).toThrow(PackageFault);
  });

  test('asking for a format that the package does not have is the caller’s fault and is not counted', () => {
    const { host, onQuarantine } = hosted(presence);
    for (let time = 0; time < 9; time += 1) expect(() => host.neutral(ALICE, 'text/plain')).toThrow(TypeError);
    expect(onQuarantine).not.toHaveBeenCalled();
  });
});

describe('a fault in a package costs the one who asked', () => {
  test('whatever it throws becomes a PackageFault that names the package', () => {
    const { host } = hosted(broken({ neutral: boom }));
    expect(() => host.neutral(ALICE, PIDF_TYPE)).toThrow('event package presence: neutral failed: Error: boom');
    expect(() => host.neutral(ALICE, PIDF_TYPE)).toThrow(PackageFault);
  });

  test.each([
    ['bytes', { formats: [{ type: PIDF_TYPE, write: () => 'text' }] }],
    ['document', { readPublication: () => undefined }],
    ['document', { readPublication: () => ({ kind: 'malformed' }) }],
    ['ahead', { nextChange: () => 0 }],
    ['ahead', { nextChange: () => Number.NaN }],
  ])('an answer that is no %s is a fault too', (word, parts) => {
    const { host } = hosted(broken(parts));
    expect(() => {
      host.readPublication(PIDF_TYPE, new Uint8Array(), ALICE);
      host.nextChange([publish(clientBody('sipjs-noreg-001'))], NOON);
      host.neutral(ALICE, PIDF_TYPE);
    }).toThrow(word);
  });

  test('the fifth within a minute is the last: the package is quarantined, once, and not called again', async () => {
    const neutral = vi.fn(boom);
    const { host, onQuarantine, error } = hosted(broken({ neutral }));
    for (let time = 0; time < 8; time += 1) expect(() => host.neutral(ALICE, PIDF_TYPE)).toThrow(PackageFault);
    expect(neutral).toHaveBeenCalledTimes(5);
    expect(onQuarantine.mock.calls).toEqual([['presence']]);
    expect(error).toHaveBeenLastCalledWith(expect.anything(), 'event package quarantined: it failed too often');
  });

  test('four in every minute are borne', async () => {
    const { host, clock, onQuarantine } = hosted(broken({ neutral: boom }));
    for (let minute = 0; minute < 4; minute += 1) {
      for (let time = 0; time < 4; time += 1) expect(() => host.neutral(ALICE, PIDF_TYPE)).toThrow('boom');
      await clock.advance(60_000);
    }
    expect(onQuarantine).not.toHaveBeenCalled();
  });
});
