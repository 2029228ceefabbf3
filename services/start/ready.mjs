import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import http from 'node:http';
import { hostPort } from './addresses.mjs';

const AGAIN_MS = 100;

/**
 * Resolves when the SIP service answers an OPTIONS with 200 (RFC 3261 §11).
 * @param signal ends the waiting; the promise then rejects with its reason.
 */
export function untilSipAnswers(address, port, domain, signal) {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const callId = randomBytes(12).toString('hex');
    let again;
    const end = (settle, outcome) => {
      clearInterval(again);
      signal.removeEventListener('abort', given);
      socket.close();
      settle(outcome);
    };
    const given = () => end(reject, signal.reason);
    signal.addEventListener('abort', given, { once: true });
    socket.on('error', () => undefined); // nobody listens yet: the next OPTIONS will tell
    socket.on('message', (message) => {
      const text = message.toString('latin1');
      if (text.startsWith('SIP/2.0 200') && text.includes(callId)) end(resolve);
    });
    socket.connect(port, address, () => {
      const own = socket.address();
      const knock = () => socket.send(options(domain, callId, hostPort(own.address, own.port)), () => undefined);
      knock();
      again = setInterval(knock, AGAIN_MS);
    });
  });
}

function options(domain, callId, sentBy) {
  return [
    `OPTIONS sip:${domain} SIP/2.0`,
    `Via: SIP/2.0/UDP ${sentBy};branch=z9hG4bK${randomBytes(8).toString('hex')};rport`,
    'Max-Forwards: 70',
    `From: <sip:start@${domain}>;tag=${callId.slice(0, 8)}`,
    `To: <sip:${domain}>`,
    `Call-ID: ${callId}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

/** Resolves when the portal answers GET /healthz with 200. */
export async function untilWebAnswers(address, port, signal) {
  while (!(await isHealthy(address, port))) await pause(AGAIN_MS, signal);
}

function isHealthy(host, port) {
  return new Promise((resolve) => {
    const request = http.get({ host, port, path: '/healthz', agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const given = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', given);
      resolve();
    }, ms);
    signal.addEventListener('abort', given, { once: true });
  });
}
