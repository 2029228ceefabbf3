/** A second reader and writer of SIP messages, for the peers of stories: small, strict, and not the server's own. */

export interface Wire {
  /** Undefined in a response. */
  readonly method: string | undefined;
  readonly uri: string;
  /** 0 in a request. */
  readonly status: number;
  readonly reason: string;
  /** The first field of that name; '' when absent. */
  header(name: string): string;
  headers(name: string): readonly string[];
  readonly body: string;
  readonly text: string;
}

/** @throws when it is not a message that a careful sender would have made. */
export function readWire(bytes: Uint8Array): Wire {
  const text = Buffer.from(bytes).toString('utf8');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) throw new Error(`no end of the head: ${text}`);
  const [start = '', ...lines] = text.slice(0, end).split('\r\n');
  const body = text.slice(end + 4);
  const fields = lines.map((line) => {
    const match = /^([A-Za-z0-9-]+): ?(.*)$/.exec(line);
    if (match === null) throw new Error(`not a header line: ${JSON.stringify(line)}`);
    return [(match[1] as string).toLowerCase(), (match[2] as string).trim()] as const;
  });
  const headers = (name: string): readonly string[] =>
    fields.filter(([field]) => field === name.toLowerCase()).map(([, value]) => value);
  const announced = headers('Content-Length')[0];
  if (announced !== undefined && Number(announced) !== Buffer.byteLength(body))
    throw new Error(`Content-Length ${announced}, but the body has ${Buffer.byteLength(body)} bytes: ${text}`);
  const response = /^SIP\/2\.0 (\d{3}) (.*)$/.exec(start);
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(start);
  if (response === null && request === null) throw new Error(`not a start line: ${start}`);
  return {
    method: request?.[1],
    uri: request?.[2] ?? '',
    status: Number(response?.[1] ?? 0),
    reason: response?.[2] ?? '',
    header: (name) => headers(name)[0] ?? '',
    headers,
    body,
    text,
  };
}

/** Lines and body into bytes; Content-Length is added. */
export function writeWire(lines: readonly string[], body = ''): Uint8Array {
  return Buffer.from([...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'), 'utf8');
}

/** A parameter of a header value, without quotes: `tag` of From. */
export function parameter(value: string, name: string): string | undefined {
  const match = new RegExp(`[;,\\s]${name}\\s*=\\s*(?:"([^"]*)"|([^;,\\s>]*))`, 'i').exec(`;${value}`);
  return match?.[1] ?? match?.[2];
}

/** The URI of a name-addr or addr-spec. */
export const uriOf = (value: string): string => /<([^>]*)>/.exec(value)?.[1] ?? value.replace(/;.*$/, '').trim();
