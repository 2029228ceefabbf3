/** A mail server on loopback, by the library smtp-server: takes letters, or refuses them as it is told. */
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** Decoded, with plain line ends. */
  readonly text: string;
}

export interface MailServer {
  readonly port: number;
  readonly received: readonly ReceivedMail[];
  /** The next one that is not taken yet; waits for it. */
  next(): Promise<ReceivedMail>;
  /** From now on letters are refused with this code; undefined: taken. */
  refuse(code: number | undefined): void;
  close(): Promise<void>;
}

export async function openMailServer(): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const readers: ((mail: ReceivedMail) => void)[] = [];
  let taken = 0;
  let refusing: number | undefined;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo(_address, _session, callback) {
      if (refusing === undefined) return callback();
      callback(Object.assign(new Error('not now'), { responseCode: refusing }));
    },
    onData(stream, session, callback) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const mail = read(Buffer.concat(pieces).toString('latin1'));
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? '' : (mailFrom?.address ?? ''),
          to: rcptTo.map(({ address }) => address),
          ...mail,
        });
        callback();
        hand();
      });
    },
  });

  function hand(): void {
    while (taken < received.length && readers.length > 0) {
      const mail = received[taken];
      taken += 1;
      if (mail !== undefined) readers.shift()?.(mail);
    }
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    received,
    next: () =>
      new Promise((resolve) => {
        readers.push(resolve);
        hand();
      }),
    refuse(code) {
      refusing = code;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** What our letters need: folded and encoded subjects (RFC 2047), quoted-printable and base64 bodies. */
function read(raw: string): { readonly subject: string; readonly text: string } {
  const [head = '', body = ''] = [raw.slice(0, raw.indexOf('\r\n\r\n')), raw.slice(raw.indexOf('\r\n\r\n') + 4)];
  const fields = head.replaceAll(/\r\n[ \t]+/g, ' ');
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'im').exec(fields)?.[1] ?? '';
  const encoding = field('Content-Transfer-Encoding').toLowerCase();
  const bytes =
    encoding === 'base64'
      ? Buffer.from(body, 'base64')
      : encoding === 'quoted-printable'
        ? quoted(body.replaceAll(/=\r\n/g, ''))
        : Buffer.from(body, 'latin1');
  const subject = field('Subject')
    .replaceAll(/\?= =\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_word, how: string, text: string) =>
      (how.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : quoted(text.replaceAll('_', ' '))).toString('utf8'),
    );
  return { subject, text: bytes.toString('utf8').replaceAll('\r\n', '\n') };
}

const quoted = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll(/=([0-9A-F]{2})/gi, (_code, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
