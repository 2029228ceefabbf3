import type { Statement } from './deed.ts';

export const PIDF_TYPE = 'application/pidf+xml';

/**
 * What a phone publishes: a tuple for itself (RFC 3863), what its owner does in a person (RFC 4479, RFC 4480).
 * @param id of the tuple, an NCName.
 * @param at epoch ms.
 */
export function writePresence(aor: string, id: string, statement: Statement, at: number): Uint8Array {
  const { basic, activity, note } = statement;
  const noted = note === undefined ? '' : `<note>${escaped(note)}</note>`;
  const person =
    activity === undefined
      ? ''
      : `<dm:person id="${id}-owner"><rpid:activities><rpid:${activity}/></rpid:activities></dm:person>`;
  return new TextEncoder().encode(
    `<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="${escaped(aor)}">
<tuple id="${id}"><status><basic>${basic}</basic></status>${noted}<timestamp>${new Date(at).toISOString()}</timestamp></tuple>
${person}</presence>
`,
  );
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
}
