#!/usr/bin/env node
// table.mjs a.jsonl [b.jsonl ...]   the comparison as a markdown table: medians [range] of what side-by-side.sh measured,
// of the clean repetitions where there are such; ALL=1: of all, for a machine that was busy throughout. SERVERS="sqlite porchlight": of others than
// Kamailio's two and ours; the last is compared with the others
import fs from 'node:fs';
const rows = process.argv.slice(2).flatMap((file) => fs.readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line)));
const SERVERS = (process.env.SERVERS ?? 'd3 mem porchlight').split(' ');
const median = (all) => { const a = [...all].sort((x, y) => x - y); return a.length % 2 ? a[(a.length - 1) / 2] : (a[a.length / 2 - 1] + a[a.length / 2]) / 2; };
const shown = (x) => (x >= 100 ? Math.round(x).toLocaleString('en') : x >= 10 ? x.toFixed(1) : x.toFixed(3));
const of = (label, test) => { const all = rows.filter((row) => row.label === label && test(row)); const clean = all.filter((row) => !row.dirty); return clean.length > 0 && process.env.ALL !== '1' ? clean : all; };
const cell = (values) => (values.length === 0 ? '–' : `${shown(median(values))} [${shown(Math.min(...values))}–${shown(Math.max(...values))}]`);
const cpu = ({ cpuPer1000 }) => (cpuPer1000.srv ?? 0) + (cpuPer1000.db ?? 0);
const is = (workload, more = () => true) => (row) => row.workload === workload && !row.rate && more(row);
const fan = (watchers) => is('W5', (row) => row.W === watchers);
const paced = (row) => row.workload === 'W5' && row.rate === 50;
/** What, which rows, which figure. CPU per 1000 NOTIFYs counts the NOTIFYs that were sent. */
const LINES = [
  ['W1: initial PUBLISH/s', is('W1'), (row) => row.opsPerSec],
  ['W2: PUBLISH modify/s', is('W2'), (row) => row.opsPerSec],
  ['W3: new SUBSCRIBE/s', is('W3'), (row) => row.opsPerSec],
  ['W4: refresh/s', is('W4'), (row) => row.opsPerSec],
  ['W1: CPU s per 1000, server + database', is('W1'), cpu],
  ['W2: CPU s per 1000 modifies', is('W2'), cpu],
  ['W3: CPU s per 1000 SUBSCRIBEs', is('W3'), cpu],
  ['W4: CPU s per 1000 refreshes', is('W4'), cpu],
  ['W5: NOTIFY/s, 10 watchers', fan(10), (row) => row.notifyPerSec],
  ['W5: NOTIFY/s, 100 watchers', fan(100), (row) => row.notifyPerSec],
  ['W5: CPU s per 1000 NOTIFYs, 10 watchers', fan(10), (row) => (cpu(row) * row.ok) / row.notifies],
  ['W5: CPU s per 1000 NOTIFYs, 100 watchers', fan(100), (row) => (cpu(row) * row.ok) / row.notifies],
  ['publish-to-notify p99 at 50/s × 10, ms', paced, (row) => row.notifyMs?.p99],
  ['200 to PUBLISH (after the commit here) p99 at 50/s × 10, ms', paced, (row) => row.respMs?.p99],
  ['a commit alone at 50/s, p50, ms', is('commit'), (row) => row.commitMs?.p50],
  ['a commit alone at 50/s, p99, ms', is('commit'), (row) => row.commitMs?.p99],
  ['W6: highest clean rate, op/s', is('W6max'), (row) => row.max],
  ['failed operations', (row) => row.fail !== undefined && row.workload !== 'W6', (row) => row.fail],
];
const last = SERVERS.at(-1);
const others = SERVERS.slice(0, -1);
const line = (cells) => console.log(`| ${cells.join(' | ')} |`);
line(['', ...SERVERS, ...others.map((other) => `${last} / ${other}`)]);
line(['---', ...SERVERS.map(() => '---:'), ...others.map(() => '---:')]);
for (const [name, test, figure] of LINES) {
  const values = SERVERS.map((label) => of(label, test).map(figure).filter((x) => x !== undefined && !Number.isNaN(x)));
  if (values.every((all) => all.length === 0)) continue;
  if (name === 'failed operations') { line([name, ...values.map((all) => all.reduce((x, y) => x + y, 0)), ...others.map(() => '')]); continue; }
  const ours = values.at(-1);
  const ratio = (theirs) => (ours.length && theirs.length ? (median(ours) / median(theirs)).toFixed(2) : '–');
  line([name, ...values.map(cell), ...values.slice(0, -1).map(ratio)]);
}
