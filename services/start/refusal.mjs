/** Something that the person who starts Porchlight can put right: printed as one line, status 2, no stack. */
export class StartRefused extends Error {
  name = 'StartRefused';
}
