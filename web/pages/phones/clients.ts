import type { Words } from '../../words/index.ts';

/** What a phone is told, whichever it is. */
export interface PhoneSettings {
  readonly username: string;
  readonly domain: string;
  /** `host` or `host:port`. */
  readonly server: string;
  /** Lower case: `udp`, `tcp`; the first that is served. */
  readonly transport: string;
  readonly realm: string;
}

export interface ClientGuide {
  readonly key: string;
  readonly name: string;
  /** Where, what, and what else, in words. */
  readonly steps: readonly string[];
  /** Text to be copied into a file; '' where there is none. */
  readonly file: string;
}

const NAMES: readonly (readonly [keyof Words['phones']['clients'], string])[] = [
  ['linphone', 'Linphone'],
  ['microsip', 'MicroSIP'],
  ['pjsua', 'pjsua, PJSIP'],
  ['baresip', 'baresip'],
  ['blink', 'Blink'],
  ['jitsi', 'Jitsi Desktop'],
  ['bria', 'Bria, X-Lite'],
  ['desk', 'Yealink, Snom, Grandstream, Poly'],
];

export function guidesFor(settings: PhoneSettings, { phones }: Words): readonly ClientGuide[] {
  return NAMES.map(([key, name]) => ({
    key,
    name,
    steps: phones.clients[key].filter((step) => step !== ''),
    file: fileFor(key, settings),
  }));
}

/** The password is never written into a file for people: they put it where PASSWORD stands. */
function fileFor(key: string, { username, domain, server, transport, realm }: PhoneSettings): string {
  switch (key) {
    case 'pjsua':
      return [
        `--id sip:${username}@${domain}`,
        `--realm ${realm}`,
        `--username ${username}`,
        '--password PASSWORD',
        `--outbound sip:${server};transport=${transport};lr`,
        '--publish',
        '--no-tcp',
      ]
        .filter((line) => line !== '--no-tcp' || transport === 'udp')
        .join('\n');
    case 'baresip':
      return `<sip:${username}@${domain};transport=${transport}>;auth_user=${username};auth_pass=PASSWORD;outbound="sip:${server};transport=${transport}";regint=0;pubint=600`;
    default:
      return '';
  }
}
