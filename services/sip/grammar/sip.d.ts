/** The three functions of the `sip` package (0.0.6, no types of its own) that this room calls, and what they really return. */
declare module 'sip' {
  /** Values keep their quotes; a flag is null. A plain object: names from the wire must be read with Object.keys. */
  type RawParams = Record<string, string | null>;

  interface RawVia {
    version: string;
    protocol: string;
    host: string;
    port: number | undefined;
    params: RawParams;
  }

  interface RawMessage {
    /** Of all that it returns, what this room asks for. */
    headers: { via?: RawVia[]; authorization?: Record<string, string>[] };
  }

  /** undefined when the start line or a header line makes no sense; a header it cannot read is left out without a word. */
  export function parse(message: string): RawMessage | undefined;

  /** Reads one element from `data.i` on and moves `data.i` behind what it understood; throws when there is none. */
  export function parseAOR(data: { s: string; i: number }): {
    name: string | undefined;
    uri: string;
    params: RawParams;
  };

  export function parseUri(text: string):
    | {
        schema: string;
        user: string | undefined;
        password: string | undefined;
        host: string;
        port: number;
      }
    | undefined;
}
