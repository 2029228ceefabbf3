/** Something that the person who starts Porchlight can put right: printed as one line, status 2, no stack. */
export class StartRefused extends Error {
  name = 'StartRefused';
}

const NOT_WRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC']);

/** Installing and building write into the checkout. @throws StartRefused where that is not allowed, or the disk is full. */
export async function writing(folder, work) {
  try {
    await work();
  } catch (fault) {
    if (!NOT_WRITABLE.has(fault.code)) throw fault;
    throw new StartRefused(
      `${fault.path ?? folder} cannot be written (${fault.code}): Porchlight installs and builds in its own folder`,
    );
  }
}
