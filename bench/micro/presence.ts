/**
 * What the presence package costs a PUBLISH (reading) and a fan-out (composing and writing, once for all watchers).
 * NODE_OPTIONS=--conditions=source npx tsx bench/micro/presence.ts
 */
import { bench, run } from 'mitata';
import { type Aor, aorOf } from '#model';
import { presencePackage } from '#packages';
import { USUAL_LIMITS } from '../../services/packages/xml/index.ts';
import { readWholeXml } from '../../services/packages/xml/read.ts';
import { readPlainXml } from '../../services/packages/xml/read-plain.ts';

const ALICE = aorOf('alice', 'example.com') as Aor;

/** About 600 bytes, with a person: what a softphone sends while its user is on the phone. */
const body = new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>
<presence entity="sip:alice@example.com" xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid">
 <tuple id="pjb3e19604-ff07-4bd7-a5e4-4d6777a2ceff">
  <status>
   <basic>open</basic>
  </status>
  <timestamp>2026-11-22T08:17:26.834Z</timestamp>
  <note>On the phone</note>
 </tuple>
 <dm:person id="pj340198e4-dfdb-4351-a739-cb2bbbb02c0e">
  <rpid:activities>
   <rpid:busy />
  </rpid:activities>
  <dm:note>On the phone</dm:note>
 </dm:person>
</presence>
`);

const read = presencePackage.readPublication('application/pidf+xml', body, ALICE);
if (read.kind !== 'document') throw new Error('the body of the bench is not accepted');
const published = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    document: read.document,
    modifiedAt: 1_795_000_000_000 + index,
    id: `p${index}`,
  }));
const [format] = presencePackage.formats;

const text = new TextDecoder().decode(body);
bench(`read the XML of ${body.length} bytes by the plain reader`, () => readPlainXml(text, USUAL_LIMITS));
bench('the same by saxes', () => readWholeXml(text));
bench('read the same as a publication', () => presencePackage.readPublication('application/pidf+xml', body, ALICE));
for (const count of [1, 3, 8]) {
  const devices = published(count);
  const state = presencePackage.compose(ALICE, devices, 0);
  bench(`compose ${count}`, () => presencePackage.compose(ALICE, devices, 0));
  bench(`write the state of ${count}`, () => format.write(state));
}

await run();
