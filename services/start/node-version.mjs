const OLDEST = [20, 19];

/** @returns one line when this Node is too old for Porchlight, undefined when it will do. @param version `v20.19.0` */
export function oldNode(version) {
  const [major, minor] = version.slice(1).split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined;
  return `Porchlight needs Node.js ${OLDEST.join('.')} or newer; this is ${version}. See https://nodejs.org.`;
}
