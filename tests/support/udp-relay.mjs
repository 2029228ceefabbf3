/** Holds a UDP socket where it is started, and hands datagrams to and from its parent; ends with it. */
import { createSocket } from 'node:dgram';

const socket = createSocket('udp4');
socket.on('message', (bytes, { address, port }) => process.send({ bytes: bytes.toString('base64'), address, port }));
process.on('message', ({ bytes, address, port }) => socket.send(Buffer.from(bytes, 'base64'), port, address));
process.once('disconnect', () => process.exit(0));
socket.bind(0, process.argv[2], () => process.send({ port: socket.address().port }));
