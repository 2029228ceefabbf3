import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { configurationPage, envExample, readSettings } from '../../services/start/settings.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const GENERATED = 'services/store/prisma/generated/';

interface Source {
  /** From the root, with forward slashes. */
  readonly name: string;
  readonly text: string;
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((name) => !name.startsWith(GENERATED));
}

/** Our own TypeScript of both sides, without what runs in the browser. */
const sources: readonly Source[] = ['services', 'web']
  .flatMap(filesIn)
  .filter((name) => name.endsWith('.ts') && !name.startsWith('web/public/'))
  .map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }));

/** The code without comments: a comment may speak of what the code may not do. Strings that hold `//` stay whole. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{}(,])\/\/.*$/gm, '$1');
}

function filesWith(pattern: RegExp): readonly string[] {
  return sources.filter(({ text }) => pattern.test(code(text))).map(({ name }) => name);
}

/** Modules that are named as imported in static, dynamic and re-exporting form. */
function filesImporting(pattern: RegExp): readonly string[] {
  return sources
    .filter(({ text }) =>
      [...code(text).matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\brequire\s*\(\s*)['"]([^'"]+)['"]/g)].some(
        ([, name]) => pattern.test(name ?? ''),
      ),
    )
    .map(({ name }) => name);
}

const outside = (names: readonly string[], allowed: RegExp): readonly string[] =>
  names.filter((name) => !allowed.test(name));

describe('who may import whom (docs/architecture.md)', () => {
  it('dependency-cruiser saw every module and found no violation', { timeout: 120_000 }, () => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
        ...['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'services', 'web'],
      ],
      { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 28 },
    );
    expect(stderr).not.toMatch(/error/i);
    const { modules, summary } = JSON.parse(stdout) as {
      readonly modules: readonly { readonly source: string }[];
      readonly summary: {
        readonly violations: readonly { readonly from: string; readonly to: string; readonly rule: { name: string } }[];
      };
    };
    const violations = summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`);
    expect(violations).toEqual([]);
    // A compiler that the tool cannot use makes it see nothing, and nothing violates no rule.
    const seen = new Set(modules.map(({ source }) => source));
    expect(sources.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
    expect(sources.length).toBeGreaterThan(80);
  });
});

describe('one door for each thing', () => {
  it('process.env is read in runtime/config.ts and web/config.ts only', () => {
    expect(outside(filesWith(/\bprocess\s*\.\s*env\b/), /^(services\/runtime|web)\/config\.ts$/)).toEqual([]);
  });

  it('time comes from runtime/clock.ts: no Date.now, no timers elsewhere', () => {
    const ofTime =
      /\bDate\s*\.\s*now\b|\bnew Date\(\s*\)|\bset(Timeout|Interval)\s*\(|\bperformance\s*\.\s*now\b|['"]node:timers/;
    expect(outside(filesWith(ofTime), /^services\/runtime\/clock\.ts$/)).toEqual([]);
  });

  it('chance comes from runtime or node:crypto: no Math.random', () => {
    expect(filesWith(/\bMath\s*\.\s*random\b/)).toEqual([]);
  });

  it.each([
    ['the sip package', /^sip$|^sip\//, /^services\/sip\/grammar\//],
    [
      'Prisma and the database drivers',
      /^@prisma\/|^@libsql\/|^mariadb$|prisma\/generated|\/generated\//,
      /^services\/store\/prisma\//,
    ],
    ['argon2', /^argon2$/, /^services\/store\/secrets\.ts$/],
    ['saxes', /^saxes$/, /^services\/packages\/xml\//],
    ['commander and csv-parse', /^commander$|^csv-parse/, /^services\/cli\//],
    ['fastify', /^fastify$|^@fastify\//, /^web\//],
    ['passkeys', /^@simplewebauthn\//, /^web\/passkeys\.ts$/],
    ['nodemailer', /^nodemailer/, /^web\/mail\/mailer\.ts$/],
    ['pino', /^pino$/, /^services\/runtime\/log\.ts$/],
  ])('%s is imported behind its door only, and is imported there', (_what, library, door) => {
    const importers = filesImporting(library);
    expect(outside(importers, door)).toEqual([]);
    expect(importers).not.toEqual([]);
  });

  it('the event packages that are built in touch neither Node nor time', () => {
    const pure = sources.filter(({ name }) => /^services\/packages\/[^/]+\//.test(name));
    expect(pure.length).toBeGreaterThan(0);
    const names = new Set(pure.map(({ name }) => name));
    expect(filesImporting(/^node:/).filter((name) => names.has(name))).toEqual([]);
  });
});

describe('form', () => {
  it('every room says at its door what it is', () => {
    const doors = sources.filter(({ name }) => /^services\/[^/]+\/index\.ts$/.test(name));
    expect(doors.filter(({ text }) => !/^\/\*\*\n \* [A-Z]/.test(text)).map(({ name }) => name)).toEqual([]);
  });

  it('no file is named after nothing', () => {
    const empty = /(^|[/.-])(util|utils|helper|helpers|manager|common|misc|data|info)([/.-]|$)/i;
    const own = sources.map(({ name }) => name);
    expect(own.filter((name) => empty.test(name))).toEqual([]);
  });

  it('no any', () => {
    expect(filesWith(/:\s*any\b|<any>|\bas any\b/)).toEqual([]);
  });
});

describe('what is written about settings is what is so', () => {
  it('.env.example is what services/runtime/settings.json says (npm run docs:configuration)', () => {
    expect(readFileSync(join(ROOT, '.env.example'), 'utf8')).toBe(envExample(readSettings()));
  });

  it('docs/configuration.md is what services/runtime/settings.json says (npm run docs:configuration)', () => {
    expect(readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8')).toBe(configurationPage(readSettings()));
  });

  it('every setting that is read is told, and every one that is told is read', () => {
    const configs = ['services/runtime/config.ts', 'web/config.ts'].map((name) =>
      readFileSync(join(ROOT, name), 'utf8'),
    );
    const read = new Set(configs.flatMap((text) => text.match(/\b[A-Z]{2,}_[A-Z_]{3,}\b/g) ?? []));
    const told = readSettings().map(({ name }) => name);
    expect(told.filter((name) => !read.has(name))).toEqual([]);
    const prefixes = /^(SIP|WEB|NOTIFY|DATABASE|DATA|DEFAULT|LOG)_/;
    const constants = configs.flatMap((text) => [...text.matchAll(/const ([A-Z_]+)\b/g)].map(([, name]) => name));
    const settings = [...read].filter((name) => prefixes.test(name) && !constants.includes(name));
    expect(settings.filter((name) => !told.includes(name))).toEqual([]);
  });
});

/** Not of the API reference, which TypeDoc writes. */
const isPage = (name: string): boolean => name.endsWith('.md') && !name.startsWith('docs/api/');

describe('the docs', () => {
  const pages = ['README.md', 'CHANGELOG.md', ...filesIn('docs').filter(isPage)];

  it.each(pages)('%s links to no file that is not there', (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '');
    const gone = targets
      .filter((target) => !/^(https?:|mailto:|#)/.test(target))
      .map((target) => join(dirname(page), target.split('#', 1)[0] ?? ''))
      .filter((target) => !existsSync(join(ROOT, target)));
    expect(gone).toEqual([]);
  });

  it.each(pages)('%s names no file that is not there', (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const named = [...text.matchAll(/`((?:services|web|tests|docs|prisma|bench|\.ci)\/[\w./-]*[\w/])`/g)].map(
      ([, name]) => name ?? '',
    );
    const made = /^services\/store\/prisma\/generated|^bench\/results\/|^docs\/api(\/|$)/;
    expect(named.filter((name) => !made.test(name) && !existsSync(join(ROOT, name)))).toEqual([]);
  });

  it('docs/README.md links every page', () => {
    const index = readFileSync(join(ROOT, 'docs/README.md'), 'utf8');
    const linked = [...index.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => join('docs', target ?? ''));
    // The pages of the RFCs have an index of their own, written with them.
    const own = pages.filter((page) => page !== 'docs/README.md' && !/^docs\/rfc\/rfc\d+\.md$/.test(page));
    expect(own.filter((page) => !linked.includes(page))).toEqual([]);
  });

  it('every script of package.json that the docs name is there', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const named = pages.flatMap((page) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name ?? ''),
    );
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
