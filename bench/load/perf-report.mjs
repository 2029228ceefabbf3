#!/usr/bin/env node
// perf script -F tid,ip,sym | perf-report.mjs [DEPTH] [LEAST]   per cent of the busiest thread's time: by what kind of code was running, and
// by who called it, down to DEPTH functions of ours, of Node's and of libraries, without what has less than LEAST per cent.
import { createInterface } from 'node:readline';

const [depth = '6', least = '1'] = process.argv.slice(2);

/** `gate/walk.js goOn`; undefined for what is no JavaScript. */
function functionOf(symbol) {
  const [, name, url] = /^JS:[*^~]?(.*?) (\S+?)(?::\d+)*$/.exec(symbol) ?? [];
  if (url === undefined) return undefined;
  const place = url.replace(/^file:\/\//, '').replace(/^.*\/dist\/services\//, '').replace(/^.*\/node_modules\//, '');
  return `${place} ${name}`;
}

/** The first that fits, from the innermost frame out. */
const KINDS = [
  ['sending and receiving (kernel)', /sendmsg|recvmsg|sock_|udp_|tcp_|unix_stream|epoll|writev/],
  ['garbage collector', /Scaveng|MarkCompact|Marking|Sweep|Evacuat|CollectGarbage|Heap::/],
  ['compiling', /Compil|Optimiz|Turbo|Sparkplug|Baseline.*Batch|Deoptim/],
  ['hashes and ciphers', /EVP_|SHA|sha\d|md5|MD5|aes|gcm|Cipher|node::crypto/],
  ['memory of the C library', /malloc|_int_free|unlink_chunk|cfree|memmove|memcpy/],
];

const threads = new Map();
let sample;
function end() {
  if (sample === undefined || sample.frames.length === 0) return;
  const seen = threads.get(sample.thread) ?? [];
  seen.push(sample.frames);
  threads.set(sample.thread, seen);
}
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') {
    end();
    sample = undefined;
  } else if (sample === undefined) sample = { thread: line.trim(), frames: [] };
  else sample.frames.push(line.trim().replace(/^[0-9a-f]+ /, ''));
}
end();

const all = [...threads.values()].reduce((sum, seen) => sum + seen.length, 0);
const main = [...threads.values()].sort((one, other) => other.length - one.length)[0] ?? [];
const share = (count) => `${((100 * count) / main.length).toFixed(1).padStart(6)} %`;
console.log(`\n${main.length} samples of the busiest thread, ${((100 * main.length) / Math.max(1, all)).toFixed(0)} % of the process's`);

const kinds = new Map();
const root = { count: 0, below: new Map() };
for (const frames of main) {
  const native = frames.slice(0, frames.findIndex((each) => each.startsWith('JS:')) >>> 0);
  const kind =
    KINDS.find(([, pattern]) => native.some((each) => pattern.test(each)))?.[0] ??
    (frames[0].startsWith('JS:') ? 'JavaScript, compiled' : /^Builtins_/.test(frames[0]) ? "V8's builtins" : 'other');
  kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  let node = root;
  for (const name of frames.toReversed().map(functionOf)) {
    if (name === undefined) continue;
    node = node.below.get(name) ?? node.below.set(name, { count: 0, below: new Map() }).get(name);
    node.count += 1;
  }
}

console.log('\nby kind of code');
for (const [kind, count] of [...kinds].sort((one, other) => other[1] - one[1])) console.log(`${share(count)}  ${kind}`);

console.log('\nby who called, all that is below included');
function show(node, level) {
  for (const [name, child] of [...node.below].sort((one, other) => other[1].count - one[1].count)) {
    if ((100 * child.count) / main.length < Number(least)) break;
    console.log(`${share(child.count)}  ${'  '.repeat(level)}${name}`);
    if (level + 1 < Number(depth)) show(child, level + 1);
  }
}
show(root, 0);
