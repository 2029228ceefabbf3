/** Trouble made of what is sound: bytes cut, doubled, moved and spiced; lines and elements dropped, doubled and exchanged. */
import fc from 'fast-check';

/** Bits of which trouble is made. */
const SPICE = [
  ...[
    '\r\n',
    '\r\n ',
    '\r\n\r\n',
    '\n',
    '\0',
    '\t',
    ' ',
    '"',
    '\\"',
    '\\',
    '<',
    '>',
    ',',
    ';',
    '=',
    ':',
    '::',
    '@',
    '?',
  ],
  ...['[', ']', '(', ')', '%', '%00', '%zz', '&', '&amp;', '&#0;', '&#x110000;', ']]>', '<!--', '<![CDATA[', '<?xml?>'],
  ...[
    '<!DOCTYPE a [<!ENTITY b "c">]>',
    'xmlns=""',
    'xmlns:p="urn:x"',
    '__proto__',
    'constructor',
    'SIP/2.0',
    'é',
    '\xff',
  ],
  ...['-1', '0', '4294967296', '99999999999999999999', '1e9', '\u2028', '\ufeff', '\ud800'],
];

const spice = fc.oneof(
  fc.constantFrom(...SPICE),
  fc.string({ maxLength: 6, unit: 'binary' }),
  fc.tuple(fc.constantFrom(...SPICE), fc.integer({ min: 2, max: 400 })).map(([piece, times]) => piece.repeat(times)),
);

type Edit = (text: string) => string;

/** Where in a text, whatever its length. */
const place = fc.double({ min: 0, max: 1, noNaN: true });
const at = (text: string, share: number): number => Math.floor(share * text.length);

const overwrite: fc.Arbitrary<Edit> = fc.tuple(place, fc.nat(20), spice).map(
  ([share, cut, piece]) =>
    (text) =>
      text.slice(0, at(text, share)) + piece + text.slice(at(text, share) + cut),
);

const cutOff: fc.Arbitrary<Edit> = place.map((share) => (text) => text.slice(0, at(text, share)));

const move: fc.Arbitrary<Edit> = fc.tuple(place, place, place).map(([one, other, to]) => (text) => {
  const [from, until] = [at(text, Math.min(one, other)), at(text, Math.max(one, other))];
  const rest = text.slice(0, from) + text.slice(until);
  return rest.slice(0, at(rest, to)) + text.slice(from, until) + rest.slice(at(rest, to));
});

/** Of the pieces that the separator makes: one dropped, doubled or put elsewhere. */
const piecewise = (separator: RegExp): fc.Arbitrary<Edit> =>
  fc.tuple(place, place, fc.constantFrom('drop', 'double', 'put elsewhere')).map(([share, to, what]) => (text) => {
    const pieces = text.split(separator);
    const index = Math.min(pieces.length - 1, Math.floor(share * pieces.length));
    const piece = pieces[index] ?? '';
    if (what !== 'double') pieces.splice(index, 1);
    if (what !== 'drop') pieces.splice(Math.floor(to * pieces.length), 0, piece);
    return pieces.join('');
  });

/** @param pieces splits into what may be dropped, doubled and exchanged; keeps its separators. */
export function mutated(seeds: readonly string[], pieces: RegExp): fc.Arbitrary<string> {
  const edit = fc.oneof(
    { arbitrary: overwrite, weight: 4 },
    { arbitrary: piecewise(pieces), weight: 4 },
    { arbitrary: move, weight: 1 },
    { arbitrary: cutOff, weight: 1 },
  );
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 5 }))
    .map(([seed, edits]) => edits.reduce((text, change) => change(text), seed).slice(0, 65_000));
}

/** A header line with its end. */
export const LINES = /(?<=\r\n)/;
/** A tag, or the text between two. */
export const TAGS = /(?=<)|(?<=>)/;
