import { openBodies, piecesOf, SIZES } from '../bodies.mjs';

const tuple = (index) =>
  `  <tuple id="m${index}">\n    <status><basic>open</basic></status>\n    <contact priority="0.5">sip:m${index}@192.0.2.1</contact>\n    <note>line ${index}</note>\n  </tuple>\n`;

/** A document with as many tuples as its size allows. */
export default {
  name: 'body',
  x: 'bytes of the body',
  operation: 'PUBLISH modify, one NOTIFY and its 200',
  work: 'KB',
  xs: SIZES,
  open: (xs) => openBodies(xs, [(bytes) => piecesOf(bytes, tuple)]),
};
