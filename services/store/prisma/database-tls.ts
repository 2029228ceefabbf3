import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';

/**
 * TLS to the database that is verified before anything is said over it.
 *
 * The driver means something weaker: of a server that calls itself MariaDB it accepts any certificate, and looks at it
 * when the log-in is over, in which such a server may have asked for the password in clear. For that it sets
 * `rejectUnauthorized: false` on a copy of these options. The copy gets the prototype given here, whose setter takes no
 * notice; Node's own default, which is to refuse, then stands. A test with a server that listens for the password holds it.
 *
 * @param host that the certificate must be for: a name or an address, IPv6 without brackets.
 * @param caFile PEM; undefined means the authorities that Node knows.
 */
export function verifiedTls(host: string, caFile: string | undefined): ConnectionOptions {
  const deaf = Object.defineProperty({}, 'rejectUnauthorized', { set: () => undefined, get: () => true });
  return {
    ['__proto__']: deaf,
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    // By itself Node would compare with `localhost`: the driver hands it a socket, and no name.
    checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
  } as ConnectionOptions;
}
