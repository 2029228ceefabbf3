/** A SIP message as it was recorded, read for people: nothing is refused, what lacks is empty. */
export interface SipText {
  /** Of a request, else ''. */
  readonly method: string;
  /** Of a request: whom or what it is about. */
  readonly uri: string;
  /** Of an answer, else undefined. */
  readonly status: number | undefined;
  readonly reason: string;
  /** The first value of a field, by its long name in lower case. */
  header(name: string): string | undefined;
  /** Requests and answers that belong together, and copies of them, have the same. */
  readonly exchange: string;
  readonly body: string;
}

const LONG_NAMES: Readonly<Record<string, string>> = {
  c: 'content-type',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  t: 'to',
  u: 'allow-events',
  v: 'via',
};

export function readSipText(text: string): SipText {
  const [, head = text, body = ''] = /^([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(text) ?? [];
  const [first = '', ...lines] = head.split(/\r?\n/);
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^([\w-]+)[ \t]*:[ \t]*(.*)$/.exec(line) ?? [];
    const long = LONG_NAMES[name.toLowerCase()] ?? name.toLowerCase();
    if (name !== '' && !fields.has(long)) fields.set(long, value);
  }
  const [, status, reason = ''] = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(first) ?? [];
  const [method = '', uri = ''] = status === undefined ? first.split(' ') : [];
  return {
    method,
    uri,
    status: status === undefined ? undefined : Number(status),
    reason,
    header: (name) => fields.get(name),
    exchange: `${fields.get('call-id') ?? ''} ${fields.get('cseq') ?? ''}`,
    body,
  };
}

/** `<sip:bob@example.com>;tag=1` → `bob@example.com`. */
export function addressIn(value: string | undefined): string {
  const uri = /<([^>]*)>/.exec(value ?? '')?.[1] ?? (value ?? '').split(';', 1)[0] ?? '';
  return uri
    .trim()
    .replace(/^sips?:/i, '')
    .replace(/[;?].*$/, '');
}

/** One parameter of Authorization or WWW-Authenticate, without its quotes. */
export function parameterOf(value: string | undefined, name: string): string | undefined {
  const found = new RegExp(`\\b${name}[ \\t]*=[ \\t]*(?:"([^"]*)"|([^\\s,"]+))`, 'i').exec(value ?? '');
  return found?.[1] ?? found?.[2];
}
