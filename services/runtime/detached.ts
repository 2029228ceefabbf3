/**
 * The same text, by itself. What is cut out of a message keeps, in V8, the whole message in memory, and what is joined keeps its
 * parts; whoever keeps such a text for longer than the message takes a copy. Of texts that were read from UTF-8.
 */
export function detached(text: string): string {
  return text.length < SHORT ? text : Buffer.from(text).toString();
}

/** V8 copies what is shorter. */
const SHORT = 13;
