#!/usr/bin/env node
// profile-report.mjs FILE.cpuprofile [RESULTS.jsonl] [TOP]   self time by room and by function; in µs per operation with results
import fs from 'node:fs';

const [file, results, top = '45'] = process.argv.slice(2);
const { nodes, samples, timeDeltas } = JSON.parse(fs.readFileSync(file, 'utf8'));
const lines = !results ? [] : fs.readFileSync(results, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const done = lines.reduce((sum, { ok }) => sum + (ok ?? 0), 0);

const self = new Map(nodes.map(({ id }) => [id, 0]));
samples.forEach((id, index) => self.set(id, self.get(id) + timeDeltas[index]));

/** `sip/grammar` for dist/services/sip/grammar/x.js; the package for node_modules; `node:dgram`; `(idle)`. */
function roomOf({ functionName, url }) {
  if (url === '') return /^\((idle|program|garbage collector)\)$/.test(functionName) ? functionName : '(native)';
  if (url.startsWith('node:')) return url.replace(/^node:internal\//, 'node:').split('/').slice(0, 2).join('/');
  const library = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url);
  if (library !== null) return `npm ${library[1]}`;
  return url.replace(/.*\/dist\/services\//, '').split('/').slice(0, -1).join('/') || 'main';
}

const rooms = new Map();
const functions = new Map();
for (const { id, callFrame } of nodes) {
  const time = self.get(id);
  if (time === 0) continue;
  const room = roomOf(callFrame);
  rooms.set(room, (rooms.get(room) ?? 0) + time);
  const place = callFrame.url === '' ? '' : `${callFrame.url.replace(/.*\//, '')}:${callFrame.lineNumber + 1}`;
  const name = `${room} ${callFrame.functionName || '(anonymous)'} ${place}`;
  functions.set(name, (functions.get(name) ?? 0) + time);
}
const busy = [...rooms].reduce((sum, [room, time]) => (room === '(idle)' ? sum : sum + time), 0);
const unit = done > 0 ? `µs per operation of ${done}` : 'ms';
const shown = (time) => (done > 0 ? time / done : time / 1000).toFixed(1).padStart(9);
const print = (title, entries, most) => {
  console.log(`\n${title}: ${unit}, share of busy time (${(busy / 1e6).toFixed(1)} s)`);
  for (const [name, time] of [...entries].sort((one, other) => other[1] - one[1]).slice(0, most)) {
    if (!name.startsWith('(idle)')) console.log(`${shown(time)} ${((100 * time) / busy).toFixed(1).padStart(5)} %  ${name}`);
  }
};
print('by room', rooms, 40);
print('by function', functions, Number(top));
