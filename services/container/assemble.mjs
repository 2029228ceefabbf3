#!/usr/bin/env node
/**
 * What the Dockerfile runs when everything is built: `node services/container/assemble.mjs sip /out/sip` gathers what one
 * image holds. Follows the imports from its entry points, so that an image has the modules that its process can reach and
 * the packages that these need, and nothing else. The images speak to MySQL only: SQLite's side is left out.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(new URL('../../', import.meta.url)));

/** `files` are copied as they are, folders whole. */
const IMAGES = {
  sip: {
    entries: [
      'dist/services/main.js',
      'services/porchlight.mjs',
      'dist/services/cli/main.js',
      'services/container/sip-health.mjs',
    ],
    // The command line looks which migrations the database lacks.
    files: ['prisma/migrations'],
  },
  web: {
    entries: ['dist/web/main.js', 'services/container/web-health.mjs'],
    files: readdirSync(join(ROOT, 'dist/web'), { recursive: true })
      .map((name) => join('dist/web', String(name)))
      .filter((name) => /\.(eta|css|svg|png|ico|webmanifest)$/.test(name) || /\bpublic\b.*\.\w+$/.test(name)),
  },
  migrate: { entries: ['dist/services/migrate-main.js'], files: ['prisma/migrations'] },
};

const COMMAND_LINE = 'services/porchlight.mjs';
/** SQLite: its driver brings a binary of 20 MB, and is imported only for a file: URL. */
const LEFT_OUT = /^dist\/services\/store\/prisma\/(sqlite-connection\.js|generated\/sqlite\/)/;
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\bnew URL\(\s*)['"]([^'"\s]+)['"]/g;
/** Of a package only what runs. */
const NOT_RUN = /\.(map|md|markdown|d\.[cm]?ts)$|\/(test|tests|__tests__|benchmarks?|\.github)$/;
const QUERY_COMPILER = /@prisma\/client\/runtime\/query_compiler_/;

const [image, target] = process.argv.slice(2);
const recipe = IMAGES[image];
if (recipe === undefined || target === undefined) {
  console.error(`assemble.mjs: IMAGE FOLDER, where IMAGE is ${Object.keys(IMAGES).join(', ')}`);
  process.exit(2);
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const { modules, specifiers } = reach(recipe.entries);
const packages = needed([...specifiers].map(packageOf));
for (const name of ['package.json', 'LICENSE', ...recipe.files, ...modules]) copy(name);
for (const folder of packages) copy(folder, (path) => isRun(path, folder));
if (modules.has(COMMAND_LINE)) linkCommandLine();
console.log(`${image}: ${modules.size} modules, ${packages.size} packages`);

/** The modules that the entry points reach, from the root, and the specifiers of what lies outside of the project. */
function reach(entries) {
  const modules = new Set();
  const specifiers = new Set();
  const waiting = [...entries];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (modules.has(name) || LEFT_OUT.test(name)) continue;
    modules.add(name);
    if (!/\.m?js$/.test(name)) continue;
    for (const [, specifier] of readFileSync(join(ROOT, name), 'utf8').matchAll(IMPORT)) {
      if (specifier.startsWith('.')) {
        const path = relative(ROOT, resolve(ROOT, dirname(name), specifier));
        if (/\.(m?js|json)$/.test(path) && existsSync(join(ROOT, path))) waiting.push(path);
      } else if (specifier.startsWith('#'))
        waiting.push(relative(ROOT, join(ROOT, manifest.imports[specifier].default)));
      // Anything else is Node's, or a word of a comment or of a text.
      else if (manifest.dependencies[packageOf(specifier)] !== undefined) specifiers.add(specifier);
    }
  }
  return { modules, specifiers };
}

/** `@prisma/client/runtime/client` → `@prisma/client`. */
function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The folders in node_modules of these packages and of all that they depend on, as Node finds them. */
function needed(names) {
  const folders = new Set();
  const waiting = names.map((name) => ({ name, from: '', isRequired: true }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const folder = find(next.name, next.from);
    if (folder === undefined && next.isRequired) throw new Error(`${next.from || 'the project'} needs ${next.name}`);
    if (folder === undefined || folders.has(folder)) continue;
    folders.add(folder);
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
      readFileSync(join(ROOT, folder, 'package.json'), 'utf8'),
    );
    const want = (from, isRequired) =>
      waiting.push(...Object.keys(from ?? {}).map((name) => ({ name, from: folder, isRequired: isRequired(name) })));
    want(optionalDependencies, () => false);
    want(dependencies, (name) => optionalDependencies?.[name] === undefined);
    const peers = Object.entries(peerDependencies ?? {}).filter(([name]) => !peerDependenciesMeta?.[name]?.optional);
    want(Object.fromEntries(peers), () => true);
  }
  return folders;
}

function find(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder === '.' ? '' : folder, 'node_modules', name);
    if (existsSync(join(ROOT, place, 'package.json'))) return place;
    if (folder === '' || folder === '.') return undefined;
  }
}

/** Packages inside of a package are reached by themselves; Prisma's compilers for other databases are never loaded. */
function isRun(path, folder) {
  const inside = path.slice(folder.length);
  if (inside.includes('/node_modules') || NOT_RUN.test(path)) return false;
  return !QUERY_COMPILER.test(path) || specifiers.has(path.replace('node_modules/', ''));
}

/** The bin of package.json, as npm would link it. */
function linkCommandLine() {
  mkdirSync(join(target, 'bin'));
  chmodSync(join(target, COMMAND_LINE), 0o755);
  symlinkSync(`../${COMMAND_LINE}`, join(target, 'bin/porchlight'));
}

function copy(name, isWanted = () => true) {
  mkdirSync(dirname(join(target, name)), { recursive: true });
  cpSync(join(ROOT, name), join(target, name), {
    recursive: true,
    filter: (path) => isWanted(relative(ROOT, path).replaceAll('\\', '/')),
  });
}
