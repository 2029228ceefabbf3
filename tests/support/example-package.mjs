// A whole event package: `ping-state` tells when each of somebody's machines last answered a ping. One publication is one
// line of text, `up 12` (milliseconds) or `down`. docs/event-packages.md walks through it.

const TEXT = 'text/plain';
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export default {
  name: 'ping-state',
  implements: [],
  duration: { min: 30, usual: 120, max: 600 },
  pace: 1,
  publishes: [TEXT],
  formats: [{ type: TEXT, write: (state) => encoder.encode(`${state.lines.join('\n')}\n`) }],

  readPublication(_contentType, body, _presentity) {
    const match = /^(?:up (\d{1,5})|(down))\s*$/.exec(decoder.decode(body));
    if (match === null) return { kind: 'malformed', why: 'neither "up MS" nor "down"' };
    return { kind: 'document', document: { ms: match[2] === 'down' ? undefined : Number(match[1]) } };
  },

  // Sorted, so that the same publications make the same bytes in whatever order they came.
  compose(_presentity, published, _now) {
    const lines = published.map(({ document, id, modifiedAt }) => {
      const answer = document.ms === undefined ? 'down' : `up ${document.ms}`;
      return `${id} ${new Date(modifiedAt).toISOString()} ${answer}`;
    });
    return { lines: lines.sort() };
  },

  conceal(state, permission, presentity) {
    return permission === 'allow' ? state : this.neutral(presentity);
  },

  neutral: (_presentity) => ({ lines: ['nothing known'] }),
};
