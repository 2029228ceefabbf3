/**
 * Stands in for either service: answers OPTIONS over UDP and TCP with 200 on SIP_PORT, and GET /healthz on WEB_PORT.
 * BEHAVIOUR: `well`, `deaf` (ignores SIGTERM), `wrong-setting` (ends with status 2), `crash` (answers once, then dies).
 */
import dgram from 'node:dgram';
import http from 'node:http';
import net from 'node:net';

const { SIP_PORT, WEB_PORT, SIP_BEHAVIOUR = 'well', WEB_BEHAVIOUR = 'well' } = process.env;
const isSip = process.argv[1].endsWith('sip.mjs');
const behaviour = isSip ? SIP_BEHAVIOUR : WEB_BEHAVIOUR;

if (behaviour === 'wrong-setting') {
  console.error('NOTIFY_PACE: is wrong');
  process.exit(2);
}
const asked = () => {
  if (behaviour !== 'deaf') process.exit(0);
};
process.on('SIGTERM', asked);
process.on('SIGINT', asked);

const crashSoon = () => {
  if (behaviour === 'crash') setImmediate(() => process.exit(7));
};

if (isSip) {
  const answer = (request) => {
    const copied = request
      .toString('latin1')
      .split('\r\n')
      .filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
    return ['SIP/2.0 200 OK', ...copied, 'Content-Length: 0', '\r\n'].join('\r\n');
  };
  net
    .createServer((connection) => {
      connection.on('error', () => undefined);
      connection.on('data', (request) => connection.write(answer(request)));
    })
    .listen(Number(SIP_PORT), '127.0.0.1');
  const socket = dgram.createSocket('udp4');
  socket.on('message', (request, { port, address }) => {
    socket.send(answer(request), port, address, crashSoon);
  });
  socket.bind(Number(SIP_PORT), '127.0.0.1');
} else {
  http
    .createServer((request, response) => {
      response.writeHead(request.url === '/healthz' ? 200 : 404).end(crashSoon);
    })
    .listen(Number(WEB_PORT), '127.0.0.1');
}
