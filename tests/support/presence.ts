import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Aor, aorOf } from '#model';
import { type Pidf, type Published, presencePackage } from '#packages';

/** Whose presence the tests of the presence package tell; the captured bodies are this person's. */
export const ALICE = aorOf('alice', 'example.test') as Aor;

/** When the tests' publications last changed unless they say otherwise. */
export const NOON = Date.UTC(2026, 10, 22, 12, 0, 0);

export const PIDF_TYPE = 'application/pidf+xml';

/** A presence document around the given parts; every namespace the tests use is declared. */
export function pidf(parts: string, entity = 'sip:alice@example.test'): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:p="urn:ietf:params:xml:ns:pidf"
  xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid"
  xmlns:x="http://example.test/x" entity="${entity}">${parts}</presence>`;
}

export const OPEN = '<status><basic>open</basic></status>';
export const CLOSED = '<status><basic>closed</basic></status>';

export function clientBody(name: string): Uint8Array {
  return readFileSync(fileURLToPath(new URL(`../cases/client-bodies/${name}.xml`, import.meta.url)));
}

export function readBody(body: string | Uint8Array) {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return presencePackage.readPublication(PIDF_TYPE, bytes, ALICE);
}

/** The `why` of a body that must be refused as malformed. */
export function whyMalformed(body: string | Uint8Array): string {
  const read = readBody(body);
  if (read.kind !== 'malformed') throw new Error(`expected malformed, got ${read.kind}`);
  return read.why;
}

/** A publication of a body that must be accepted. */
export function publish(body: string | Uint8Array, id = 'pubA', modifiedAt = NOON): Published<Pidf> {
  const read = readBody(body);
  if (read.kind !== 'document') throw new Error(`not accepted: ${JSON.stringify(read)}`);
  return { document: read.document, id, modifiedAt };
}

/** What a watcher who may see all is sent. */
export function compose(published: readonly Published<Pidf>[], now = NOON): string {
  return new TextDecoder().decode(composeBytes(published, now));
}

export function composeBytes(published: readonly Published<Pidf>[], now = NOON): Uint8Array {
  return presencePackage.formats[0].write(presencePackage.compose(ALICE, published, now));
}

/** Every value of `id` in the order written. */
export function idsOf(document: string): readonly string[] {
  return [...document.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id ?? '');
}
