import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Authority {
  /** Paths of PEM files. */
  readonly certificate: string;
  /** A server's certificate of this authority. @param names as a certificate says them: `IP:127.0.0.1`, `DNS:db`. */
  issue(name: string, names: string): { readonly certificate: string; readonly key: string };
}

const PROGRAM = 'openssl';

function openssl(...words: readonly string[]): void {
  const { status, stderr } = spawnSync(PROGRAM, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${words[0]} failed: ${stderr}`);
}

/** An authority of the tests' own, made by the openssl program, for a day. */
export function makeAuthority(folder: string, name: string): Authority {
  const certificate = join(folder, `${name}.pem`);
  const authorityKey = join(folder, `${name}.key`);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '1',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    authorityKey,
    '-out',
    certificate,
  );
  return {
    certificate,
    issue(server, names) {
      const at = (ending: string): string => join(folder, `${name}-${server}.${ending}`);
      writeFileSync(at('ext'), `subjectAltName=${names}\n`);
      openssl('req', ...newKey, '-subj', `/CN=${server}`, '-keyout', at('key'), '-out', at('csr'));
      openssl(
        ...['x509', '-req', '-in', at('csr'), '-CA', certificate, '-CAkey', authorityKey, '-CAcreateserial'],
        ...['-days', '1', '-extfile', at('ext'), '-out', at('pem')],
      );
      return { certificate: at('pem'), key: at('key') };
    },
  };
}
