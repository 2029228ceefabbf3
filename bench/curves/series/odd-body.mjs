import { openBodies, piecesOf } from '../bodies.mjs';
import body from './body.mjs';

const OPEN = '<status><basic>open</basic></status>';
const ROOM = 80;

/** What no phone writes, and anybody with an account may: each shape once made something be compared with everything before it. */
const SHAPES = [
  (bytes) => piecesOf(bytes, () => `<tuple id="same">${OPEN}</tuple>`),
  (bytes) => piecesOf(bytes, (index) => `<x:e xmlns:x="urn:u${index}"/>`),
  (bytes) => `<x:e xmlns:x="urn:u"${piecesOf(bytes - ROOM, (index) => ` b${index}="1"`)}/>`,
  (bytes) =>
    `<x:e xmlns:x="urn:u"${piecesOf(bytes - ROOM, (index) => ` xmlns:b${index}="u:${index}" b${index}:c="1"`)}/>`,
  (bytes) =>
    `<x:e xmlns:x="urn:u"${piecesOf(bytes / 2 - ROOM, (index) => ` xmlns:b${index}="u:${index}"`)}>${piecesOf(bytes / 2, () => '<y:f xmlns:y="u"/>')}</x:e>`,
];

/** Documents of thousands of equal ids, namespaces, attributes and prefixes in force, in turn. */
export default {
  ...body,
  name: 'odd-body',
  x: 'bytes of a body that no phone writes',
  xs: body.xs.slice(1),
  open: (xs) => openBodies(xs, SHAPES),
};
