// An event package for tests: `mood` is published as a word, and told as text or as JSON. Subscriptions of less than two hours
// are brief to it, so that RFC 6665's hour is met; a refused body is one that is no word.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export default {
  name: 'mood',
  implements: [],
  duration: { min: 7200, usual: 7200, max: 14400 },
  pace: 0,
  publishes: ['text/plain'],
  formats: [
    { type: 'text/plain', write: (state) => encoder.encode(state.words.join(' ')) },
    { type: 'application/json', write: (state) => encoder.encode(JSON.stringify(state.words)) },
  ],

  readPublication(_contentType, body, _presentity) {
    const word = decoder.decode(body);
    return /^[a-z]+$/.test(word)
      ? { kind: 'document', document: word }
      : { kind: 'malformed', why: 'not a word in lower case' };
  },

  compose: (_presentity, published, _now) => ({ words: published.map(({ document }) => document).sort() }),

  conceal(state, permission, presentity) {
    return permission === 'allow' ? state : this.neutral(presentity);
  },

  neutral: (_presentity) => ({ words: ['unknown'] }),
};
