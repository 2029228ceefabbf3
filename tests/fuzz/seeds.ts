/** What is mutated: torture messages, captured messages of clients, their bodies, golden documents. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TESTS = fileURLToPath(new URL('../', import.meta.url));

function filesOf(folder: string, end: string): readonly Buffer[] {
  return readdirSync(join(TESTS, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(end))
    .sort()
    .map((name) => readFileSync(join(TESTS, folder, name)));
}

/** Bytes as characters of the same number, which is how edits leave them alone. */
const asLatin1 = (files: readonly Buffer[]): readonly string[] => files.map((file) => file.toString('latin1'));

export const MESSAGES: readonly string[] = asLatin1([
  ...filesOf('cases/rfc4475', '.dat'),
  ...filesOf('cases/rfc5118', '.dat'),
  ...filesOf('cases/clients', '.txt'),
]);

export const DOCUMENTS: readonly string[] = [
  ...filesOf('cases/client-bodies', '.xml'),
  ...filesOf('golden', '.xml'),
].map((file) => file.toString('utf8'));

export const URIS: readonly string[] = [
  ...new Set(MESSAGES.flatMap((text) => text.match(/\b(?:sips?|tel|pres|mailto):[^\s<>"]+/g) ?? [])),
];
