import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runQuietly } from './command.mjs';
import { StartRefused } from './refusal.mjs';

const STAMP = 'dist/.porchlight-built';
const GENERATED = 'services/store/prisma/generated';
const SOURCES = ['services', 'web', 'prisma'];
const SINGLE_SOURCES = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
const ENTRIES = ['dist/services/main.js', 'dist/web/main.js'];

/** One hash of everything that the build reads; the generated clients follow from the schemas and are left out. */
export function inputStamp(root) {
  const hash = createHash('sha256').update(process.version);
  const paths = SOURCES.flatMap((folder) => filesIn(join(root, folder)));
  for (const path of [...paths, ...SINGLE_SOURCES.map((name) => join(root, name))].sort()) {
    const name = relative(root, path).replaceAll('\\', '/');
    if (name.startsWith(`${GENERATED}/`) || !existsSync(path)) continue;
    const content = readFileSync(path);
    hash.update(`\n${name} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

/** True when dist is what the sources would give, and the generated clients are there. */
export function isBuilt(root) {
  if (![...ENTRIES, GENERATED, STAMP].every((name) => existsSync(join(root, name)))) return false;
  return readFileSync(join(root, STAMP), 'utf8') === inputStamp(root);
}

/** Generates the Prisma clients, compiles, and copies what the compiler leaves. @throws StartRefused when a step fails. */
export async function build(root, environment, say) {
  if (isBuilt(root)) return;
  say('Building …');
  const stamp = inputStamp(root);
  rmSync(join(root, STAMP), { force: true });
  await step(root, environment, say, 'generating the database clients', ['services/store/prisma/generate.mjs']);
  // The compiler believes its own note of what it wrote: without the output the note must go too.
  if (!ENTRIES.every((name) => existsSync(join(root, name)))) rmSync(join(root, 'dist/.tsbuildinfo'), { force: true });
  await step(root, environment, say, 'compiling', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
  removeOrphans(root);
  copyAssets(root);
  writeFileSync(join(root, STAMP), stamp);
}

async function step(root, environment, say, title, words) {
  const { status, output } = await runQuietly(process.execPath, words, { cwd: root, env: environment, say, title });
  if (status !== 0) throw new StartRefused(`${title} failed:\n${output.trimEnd()}`);
}

/** Templates, styles and pictures of the portal: all of web/ that is not TypeScript. */
export function copyAssets(root) {
  for (const path of filesIn(join(root, 'web'))) {
    const name = relative(root, path);
    const isPublic = name.startsWith(join('web', 'public'));
    if (!isPublic && /\.(ts|tsx|mts|cts)$/.test(name)) continue;
    const target = join(root, 'dist', name);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(path, target);
  }
}

/** A module that was deleted or renamed must not live on in dist, where something could still import it. */
function removeOrphans(root) {
  for (const folder of ['services', 'web']) {
    for (const path of filesIn(join(root, 'dist', folder))) {
      const source = join(root, relative(join(root, 'dist'), path).replace(/\.map$/, ''));
      if (!existsSync(source) && !existsSync(source.replace(/\.js$/, '.ts'))) rmSync(path);
    }
  }
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile());
}
