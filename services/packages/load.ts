import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ContractCheck, checkContract } from './check-contract.ts';

/** Imports a module by specifier; tests may pass their own. */
export type ImportModule = (specifier: string) => Promise<unknown>;

/** npm's package names, with an optional path below: `presence-of-mind`, `@someone/package/event.mjs`. */
const NPM_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*(\/[A-Za-z0-9._~/-]+)?$/;

/** The packages that come with the server. They are imported at run time like every other. */
const BUILTIN: ReadonlyMap<string, () => Promise<unknown>> = new Map([
  ['builtin:presence', () => import('./presence/index.ts')],
]);
/** `builtin:presence.winfo`: a template makes one for any package. */
const WINFO = /^builtin:(.+\.winfo)$/;

export const importModule: ImportModule = (specifier) => import(/* @vite-ignore */ specifier);

/**
 * Loads the package that a row of Eventloader names and holds it against the contract. Never throws.
 * @param module `builtin:NAME`, an npm package name, an absolute path, or a file: URL.
 * @param generation above 0 asks for files to be read anew, since Node keeps each module it has imported for good.
 */
export async function loadPackage(
  event: string,
  module: string,
  generation = 0,
  load: ImportModule = importModule,
): Promise<ContractCheck> {
  try {
    const loaded = await importFrom(module, generation, load);
    if (loaded === undefined) {
      return broken('the module is not builtin:NAME, an npm package name, an absolute path or a file: URL');
    }
    return checkContract((loaded as { readonly default?: unknown }).default, event);
  } catch (fault) {
    return broken(firstLine(fault));
  }
}

async function importFrom(module: string, generation: number, load: ImportModule): Promise<unknown> {
  if (module.startsWith('builtin:')) {
    const builtin = BUILTIN.get(module);
    if (builtin !== undefined) return builtin();
    const winfo = await winfoOf(WINFO.exec(module)?.[1]);
    if (winfo !== undefined) return { default: winfo };
    const known = [...BUILTIN.keys()].join(', ');
    throw new Error(`there is no ${module}; there is ${known}, and builtin:PACKAGE.winfo, twice at most`);
  }
  if (isAbsolute(module)) return load(anew(pathToFileURL(module).href, generation));
  if (module.startsWith('file:')) return load(anew(module, generation));
  return NPM_NAME.test(module) ? load(module) : undefined;
}

async function winfoOf(name: string | undefined): Promise<unknown> {
  return name === undefined ? undefined : (await import('./winfo/index.ts')).winfoPackage(name);
}

function anew(url: string, generation: number): string {
  return generation === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}load=${generation}`;
}

function broken(why: string): ContractCheck {
  return { kind: 'broken', why };
}

/** Node's messages for missing modules go on over many lines; the first says it. */
function firstLine(fault: unknown): string {
  const message = fault instanceof Error ? fault.message : String(fault);
  return message.split('\n', 1)[0] ?? message;
}
