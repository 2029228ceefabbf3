import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Aor, aorOf } from '#model';
import { type HostedPublications, type ImportModule, makeRegistry, PackageFault, presencePackage } from '#packages';
import { silentLog } from '#runtime';
import { makeFakeClock } from '../../support/fake-clock.ts';

const EXAMPLE = fileURLToPath(new URL('../../support/example-package.mjs', import.meta.url));
const ALICE = aorOf('alice', 'example.test') as Aor;
const PRESENCE = { event: 'presence', module: 'builtin:presence', enabled: true };
const PING = { event: 'ping-state', module: EXAMPLE, enabled: true };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-packages-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function registry(importModule?: ImportModule) {
  const error = vi.fn<(fields: object, message: string) => void>();
  const onQuarantine = vi.fn<(event: string) => void>();
  const parts = { log: { ...silentLog, error }, clock: makeFakeClock(), onQuarantine };
  return { error, onQuarantine, of: makeRegistry(importModule === undefined ? parts : { ...parts, importModule }) };
}

/** A package of our making as a module's namespace. */
const exporting = (parts: object) => ({ default: { ...presencePackage, ...parts } });

describe('how it stands with each package', () => {
  test('loaded, broken and why, given up, off', async () => {
    const { of } = registry(async () =>
      exporting({
        readPublication: () => {
          throw new Error('no');
        },
      }),
    );
    await of.sync([
      { ...PRESENCE, module: 'some-package' },
      { ...PING, module: 'nothing:else' },
    ]);
    expect(of.standings()).toEqual([
      {
        event: 'ping-state',
        module: 'nothing:else',
        state: 'broken',
        why: 'the module is not builtin:NAME, an npm package name, an absolute path or a file: URL',
        since: expect.any(Number),
      },
      { event: 'presence', module: 'some-package', state: 'loaded', why: '', since: expect.any(Number) },
    ]);
    const presence = of.find('presence') as HostedPublications;
    for (let faults = 0; faults < 5; faults += 1) {
      expect(() => presence.readPublication('application/pidf+xml', new Uint8Array(), ALICE)).toThrow(PackageFault);
    }
    expect(of.standings()[1]).toMatchObject({ event: 'presence', state: 'given-up' });
    await of.sync([{ ...PRESENCE, enabled: false }]);
    expect(of.standings()).toEqual([]);
  });

  test('reload reads the file as it is now, and tries again what was broken; nothing else is touched', async () => {
    const file = join(folder, 'ping.mjs');
    writeFileSync(file, 'export default 1;');
    const rows = [PRESENCE, { ...PING, module: file }];
    const { of } = registry();
    await of.sync(rows);
    expect(of.names()).toEqual(['presence']);
    copyFileSync(EXAMPLE, file);
    expect(await of.sync(rows)).toEqual({ loaded: [], unloaded: [], broken: [] });
    expect(await of.reload(rows, 'ping-state')).toEqual({ loaded: ['ping-state'], unloaded: [], broken: [] });
    expect(of.standings().map(({ state }) => state)).toEqual(['loaded', 'loaded']);
    writeFileSync(file, 'export default 2;');
    expect((await of.reload(rows, 'ping-state')).unloaded).toEqual(['ping-state']);
  });

  test('reload of what is switched off meanwhile, or of nothing, loads nothing', async () => {
    const { of } = registry();
    await of.sync([PRESENCE, PING]);
    expect(await of.reload([PRESENCE, { ...PING, enabled: false }], 'ping-state')).toMatchObject({
      loaded: [],
      unloaded: ['ping-state'],
    });
    expect(await of.reload([PRESENCE], 'nothing')).toEqual({ loaded: [], unloaded: [], broken: [] });
  });
});

describe('Eventloader says which packages run', () => {
  test('nothing is served before the first sync', () => {
    const { of } = registry();
    expect(of.names()).toEqual([]);
    expect(of.find('presence')).toBeUndefined();
  });

  test('presence is imported at run time from the module its row names', async () => {
    const { of, error } = registry();
    expect(await of.sync([PRESENCE])).toEqual({ loaded: ['presence'], unloaded: [], broken: [] });
    expect(of.find('presence')?.formats).toEqual(['application/pidf+xml']);
    expect(error).not.toHaveBeenCalled();
  });

  test.each([
    ['an absolute path', EXAMPLE],
    ['a file: URL', pathToFileURL(EXAMPLE).href],
  ])('a third party’s package is loaded by %s and works', async (_what, module) => {
    const { of } = registry();
    await of.sync([PRESENCE, { ...PING, module }]);
    expect(of.names()).toEqual(['ping-state', 'presence']);
    const ping = of.find('ping-state') as HostedPublications | undefined;
    const read = ping?.readPublication('text/plain', new TextEncoder().encode('up 12'), ALICE);
    if (ping === undefined || read?.kind !== 'document') throw new Error('not read');
    const published = [{ document: read.document, id: 'pA', modifiedAt: 0 }];
    expect(new TextDecoder().decode(ping.render(ALICE, published, 'allow', 'text/plain', 0))).toBe(
      'pA 1970-01-01T00:00:00.000Z up 12\n',
    );
    expect(new TextDecoder().decode(ping.render(ALICE, published, 'polite-block', 'text/plain', 0))).toBe(
      'nothing known\n',
    );
  });

  test('an npm package is loaded by its name', async () => {
    const load = vi.fn<ImportModule>(async () => exporting({ name: 'mood' }));
    const { of } = registry(load);
    await of.sync([{ event: 'mood', module: '@someone/sip-mood', enabled: true }]);
    expect(of.names()).toEqual(['mood']);
    expect(load).toHaveBeenCalledWith('@someone/sip-mood');
  });

  test('rows that are disabled or gone unload their package; the others go on', async () => {
    const { of } = registry();
    await of.sync([PRESENCE, PING]);
    const presence = of.find('presence');
    expect(await of.sync([PRESENCE, { ...PING, enabled: false }])).toEqual({
      loaded: [],
      unloaded: ['ping-state'],
      broken: [],
    });
    expect(of.find('ping-state')).toBeUndefined();
    expect(of.find('presence')).toBe(presence);
    expect(await of.sync([])).toEqual({ loaded: [], unloaded: ['presence'], broken: [] });
    expect(of.names()).toEqual([]);
  });

  test('a row that did not change is left alone, one that names another module is loaded anew', async () => {
    const load = vi.fn<ImportModule>(async (module) => exporting({ name: 'mood', pace: module === 'one' ? 1 : 2 }));
    const { of } = registry(load);
    const row = { event: 'Mood', module: 'one', enabled: true };
    await of.sync([row]);
    await of.sync([row]);
    expect(load).toHaveBeenCalledTimes(1);
    expect(await of.sync([{ ...row, module: 'two' }])).toEqual({ loaded: ['mood'], unloaded: [], broken: [] });
    expect(of.find('mood')?.paceMs).toBe(2000);
  });

  test('a file that was disabled, changed and enabled is read anew', async () => {
    const { of } = registry();
    const module = join(folder, 'ping.mjs');
    copyFileSync(EXAMPLE, module);
    await of.sync([{ ...PING, module }]);
    writeFileSync(module, readFileSync(EXAMPLE, 'utf8').replace('pace: 1', 'pace: 9'));
    await of.sync([]);
    await of.sync([{ ...PING, module }]);
    expect(of.find('ping-state')?.paceMs).toBe(9000);
  });

  test('syncs that overlap take turns: the last one stands', async () => {
    const { of } = registry();
    await Promise.all([of.sync([PRESENCE]), of.sync([PRESENCE, PING]), of.sync([PING])]);
    expect(of.names()).toEqual(['ping-state']);
  });
});

describe('a missing or broken module is one clear line, and its event is not served', () => {
  const write = (source: string): string => {
    const module = join(folder, 'package.mjs');
    writeFileSync(module, source);
    return module;
  };
  const source = (change: (text: string) => string): string => write(change(readFileSync(EXAMPLE, 'utf8')));

  test.each<[string, () => string, string]>([
    ['a file that is not there', () => join(folder, 'none.mjs'), 'none.mjs'],
    ['an npm package that is not installed', () => 'no-such-event-package', 'no-such-event-package'],
    ['no such built-in', () => 'builtin:telepathy', 'there is no builtin:telepathy; there is builtin:presence'],
    ['a relative path', () => './package.mjs', 'the module is not builtin:NAME, an npm package name, an absolute path'],
    ['a web address', () => 'https://example.test/package.mjs', 'the module is not builtin:NAME'],
    ['a syntax error', () => write('export default {'), ''],
    ['a module that throws', () => write('throw new Error("not today");'), 'not today'],
    ['no default export', () => write('export const name = 1;'), 'it has no default export that is an object'],
    [
      'another event’s package',
      () => source((text) => text.replace("'ping-state'", "'pong'")),
      "it is the package 'pong'",
    ],
    ['a function missing', () => source((text) => text.replace('compose(', 'composed(')), 'it has no function compose'],
    ['no formats', () => source((text) => text.replace(/formats: .*/, 'formats: [],')), 'at least one format'],
    [
      'a duration that makes no sense',
      () => source((text) => text.replace('min: 30', 'min: 300')),
      'min <= usual <= max',
    ],
    ['a type in upper case', () => source((text) => text.replace("'text/plain'", "'Text/Plain'")), 'MIME type'],
  ])('%s', async (_what, makeModule, why) => {
    const { of, error } = registry();
    const module = makeModule();
    const report = await of.sync([{ ...PING, module }, PRESENCE]);
    expect(report.broken).toEqual([{ event: 'ping-state', why: expect.stringContaining(why) }]);
    expect(of.find('ping-state')).toBeUndefined();
    expect(of.names()).toEqual(['presence']);
    await of.sync([{ ...PING, module }, PRESENCE]);
    expect(error.mock.calls).toHaveLength(1);
    const [fields, message] = error.mock.calls[0] ?? [];
    expect(message).toBe('event package not loaded');
    expect(fields).toMatchObject({ event: 'ping-state', module });
    expect(JSON.stringify(fields)).not.toContain('\\n');
  });

  test('a row whose new module is broken is no longer served by the old one', async () => {
    const { of } = registry();
    await of.sync([PING]);
    const report = await of.sync([{ ...PING, module: 'no-such-event-package' }]);
    expect(report.unloaded).toEqual(['ping-state']);
    expect(of.find('ping-state')).toBeUndefined();
  });
});

describe('a package that fails again and again', () => {
  const boom = (): never => {
    throw new Error('boom');
  };

  test('is unloaded alone, stays out while its row stands, and comes back when the row was off and on', async () => {
    const { of, onQuarantine } = registry(async () => exporting({ name: 'mood', neutral: boom }));
    const row = { event: 'mood', module: 'sip-mood', enabled: true };
    await of.sync([PRESENCE, row]);
    const mood = of.find('mood') as HostedPublications | undefined;
    for (let time = 0; time < 5; time += 1) {
      expect(() => mood?.neutral(ALICE, 'application/pidf+xml')).toThrow(PackageFault);
    }
    expect(onQuarantine.mock.calls).toEqual([['mood']]);
    expect(of.names()).toEqual(['presence']);
    expect(await of.sync([PRESENCE, row])).toEqual({ loaded: [], unloaded: [], broken: [] });
    expect(of.names()).toEqual(['presence']);
    await of.sync([PRESENCE, { ...row, enabled: false }]);
    await of.sync([PRESENCE, row]);
    expect(of.names()).toEqual(['mood', 'presence']);
  });

  test('takes nothing down when another module has taken its place', async () => {
    const { of, onQuarantine } = registry(async (module) =>
      exporting(module === 'bad' ? { name: 'mood', neutral: boom } : { name: 'mood' }),
    );
    await of.sync([{ event: 'mood', module: 'bad', enabled: true }]);
    const old = of.find('mood') as HostedPublications | undefined;
    await of.sync([{ event: 'mood', module: 'good', enabled: true }]);
    for (let time = 0; time < 5; time += 1) {
      expect(() => old?.neutral(ALICE, 'application/pidf+xml')).toThrow(PackageFault);
    }
    expect(of.names()).toEqual(['mood']);
    expect(onQuarantine).not.toHaveBeenCalled();
  });
});
