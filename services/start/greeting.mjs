import { hostPort, toldAddress } from './addresses.mjs';

/**
 * What is printed when everything answers.
 * @param config `{ domain, listen, advertise }` of the SIP side, `web` `{ address, port, url }`, `lan` this machine's address.
 */
export function greeting({ domain, listen, advertise }, web, lan) {
  const [point] = listen;
  const advertised =
    advertise === undefined || /(^[^:[]*|\]):\d+$/.test(advertise) ? advertise : `${advertise}:${point.port}`;
  const server = advertised ?? hostPort(toldAddress(point.address, lan), point.port);
  const transports = [...new Set(beside(listen, point).map(({ transport }) => transport.toUpperCase()))].join(' or ');
  return [
    '',
    'Porchlight is on.',
    '',
    `  Portal    ${portalAddress(web, lan)}     register here first`,
    '',
    '  In a phone',
    '    User name         the one you registered (and its password)',
    `    Domain            ${domain}`,
    `    Server / proxy    ${server}`,
    `    Transport         ${transports}`,
    '    Presence          publish own state; subscribe to others (presence agent, not peer to peer)',
    '',
    'Ctrl-C ends it.',
    '',
  ].join('\n');
}

/** Where browsers find the portal. */
export function portalAddress(web, lan) {
  return web.url ?? `http://${hostPort(toldAddress(web.address, lan), web.port)}/`;
}

/** The listening points that the same server setting of a phone reaches. */
function beside(listen, { address, port }) {
  return listen.filter((point) => point.address === address && point.port === port);
}
