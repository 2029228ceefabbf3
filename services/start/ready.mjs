import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import http from 'node:http';
import net from 'node:net';
import { hostPort } from './addresses.mjs';

const AGAIN_MS = 100;

/**
 * Resolves when the SIP service answers an OPTIONS with 200 (RFC 3261 §11).
 * @param signal ends the waiting; the promise then rejects with its reason.
 */
export function untilSipAnswers(address, port, domain, signal, transport = 'udp') {
  return transport === 'tcp'
    ? untilTcpAnswers(address, port, domain, signal)
    : untilUdpAnswers(address, port, domain, signal);
}

function untilUdpAnswers(address, port, domain, signal) {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const callId = makeCallId();
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
      if (isAnswer(message.toString('latin1'), callId)) end(resolve);
    });
    socket.connect(port, address, () => {
      const knock = () => socket.send(options('UDP', domain, callId, socket.address()), () => undefined);
      knock();
      again = setInterval(knock, AGAIN_MS);
    });
  });
}

async function untilTcpAnswers(address, port, domain, signal) {
  while (!(await tcpAnswers(address, port, domain, signal))) await pause(AGAIN_MS, signal);
}

/** One connection, one OPTIONS. */
function tcpAnswers(host, port, domain, signal) {
  return new Promise((resolve) => {
    const callId = makeCallId();
    const socket = net.connect({ host, port });
    const given = () => socket.destroy();
    signal.addEventListener('abort', given, { once: true });
    let text = '';
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('error', () => undefined); // nobody listens yet
    socket.on('close', () => {
      signal.removeEventListener('abort', given);
      resolve(false);
    });
    socket.on('connect', () =>
      socket.write(options('TCP', domain, callId, { address: socket.localAddress, port: socket.localPort })),
    );
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      if (!isAnswer(text, callId)) return;
      resolve(true);
      socket.destroy();
    });
  });
}

const makeCallId = () => randomBytes(12).toString('hex');

const isAnswer = (text, callId) => text.startsWith('SIP/2.0 200') && text.includes(callId);

function options(transport, domain, callId, { address, port }) {
  return [
    `OPTIONS sip:${domain} SIP/2.0`,
    `Via: SIP/2.0/${transport} ${hostPort(address, port)};branch=z9hG4bK${randomBytes(8).toString('hex')};rport`,
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
