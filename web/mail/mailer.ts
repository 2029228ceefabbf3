import { createTransport } from 'nodemailer';
import type { Clock, Log, Timer } from '#runtime';

/** A letter of ours: plain text to one address. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends letters one after the other, soon. The only door to nodemailer. */
export interface Mailer {
  /** Never waits and never throws. @returns false when too many wait already, and this one is not sent. */
  send(letter: Letter): boolean;
  /** Resolves when nothing is being sent. */
  idle(): Promise<void>;
  /** What still waits is not sent. */
  close(): void;
}

/** How the operator's mail server is reached. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; otherwise by STARTTLS, where the server offers it. */
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

export interface MailerNeeds {
  readonly server: SmtpServer;
  /** `Porchlight <porchlight@example.com>`. */
  readonly from: string;
  readonly clock: Clock;
  readonly log: Log;
}

const MOST_WAITING = 500;
/** A server that does not answer is tried again after each of these. */
const AGAIN_MS = [30_000, 300_000] as const;
const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;

export function makeMailer({ server, from, clock, log }: MailerNeeds): Mailer {
  const { host, port, secure, user, password = '' } = server;
  const transport = createTransport({
    host,
    port,
    secure,
    // A password goes over no wire in the clear; on this very machine there is none.
    requireTLS: user !== undefined && !isHere(host),
    ...(user === undefined ? {} : { auth: { user, pass: password } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const waiting: Try[] = [];
  /** Those that a server had no time for: they keep nobody waiting. */
  const putOff = new Set<Timer>();
  let working: Promise<void> | undefined;
  let isClosed = false;

  function begin(one: Try): void {
    waiting.push(one);
    working ??= Promise.resolve().then(work);
  }

  async function work(): Promise<void> {
    for (let one = waiting.shift(); one !== undefined && !isClosed; one = waiting.shift()) await deliver(one);
    working = undefined;
  }

  async function deliver({ letter, tries }: Try): Promise<void> {
    try {
      await transport.sendMail({ from, ...letter });
    } catch (fault) {
      // Whom it is to, and what the server says of them, is nobody's business in a log.
      const { code, responseCode } = fault as { readonly code?: string; readonly responseCode?: number };
      const againMs = AGAIN_MS[tries];
      const isFinal = isClosed || againMs === undefined || (responseCode !== undefined && responseCode >= 500);
      log.warn({ code, responseCode }, isFinal ? 'a mail could not be sent' : 'a mail is tried again');
      if (isFinal) return;
      const timer = clock.after(againMs, () => {
        putOff.delete(timer);
        begin({ letter, tries: tries + 1 });
      });
      putOff.add(timer);
    }
  }

  return {
    send(letter) {
      if (isClosed || waiting.length + putOff.size >= MOST_WAITING) {
        log.warn({ waiting: waiting.length, putOff: putOff.size }, 'too many mails wait: one is not sent');
        return false;
      }
      begin({ letter, tries: 0 });
      return true;
    },
    idle: async () => working,
    close() {
      isClosed = true;
      waiting.length = 0;
      for (const timer of putOff) timer.cancel();
      transport.close();
    },
  };
}

interface Try {
  readonly letter: Letter;
  readonly tries: number;
}

const isHere = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
