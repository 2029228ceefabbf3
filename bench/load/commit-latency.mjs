#!/usr/bin/env node
/**
 * What a commit takes at the pace of the latency workload, without SIP: one publication replaced in the store 50 times a second.
 * Milliseconds until it is durable; a 200 waits for one. By `porchlight.sh commit`, which says which database:
 *
 *     ./porchlight.sh commit [--json OUT.jsonl] [--seconds 20]
 */
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { silentLog, systemClock } from '../../dist/services/runtime/index.js';
import { openStore } from '../../dist/services/store/index.js';

const options = { json: { type: 'string' }, label: { type: 'string' }, seconds: { type: 'string', default: '20' } };
const { json, label = 'porchlight', seconds } = parseArgs({ options }).values;
const store = await openStore(process.env.DATABASE_URL, { clock: systemClock, log: silentLog });
const aor = 'sip:u0@example.com';
const now = Date.now();
let publication = {
  ...{ id: 'commit-latency', presentity: aor, publisher: aor, event: 'presence', etag: 'e0', userAgent: 'bench' },
  ...{ contentType: 'application/pidf+xml', body: new Uint8Array(400), origin: 'phone' },
  ...{ createdAt: now, modifiedAt: now, expiresAt: now + 600_000 },
};
await store.publications.write({ kind: 'insert', publication });
const took = [];
for (let count = 1; count <= Number(seconds) * 50; count += 1) {
  await new Promise((resolve) => setTimeout(resolve, 20));
  const next = { ...publication, etag: `e${count}`, body: new Uint8Array(400).fill(count) };
  const from = performance.now();
  const outcome = await store.publications.write({ kind: 'replace', expected: publication.etag, publication: next });
  took.push(performance.now() - from);
  if (outcome !== 'written') throw new Error(outcome);
  publication = next;
}
await store.publications.write({ kind: 'remove', id: publication.id, expected: publication.etag });
await store.close();
took.sort((one, other) => one - other);
const at = (part) => Number(took[Math.floor(took.length * part)].toFixed(2));
const row = { workload: 'commit', label, n: took.length, commitMs: { p50: at(0.5), p90: at(0.9), p99: at(0.99) } };
console.log(JSON.stringify(row));
if (json !== undefined) appendFileSync(json, `${JSON.stringify(row)}\n`);
