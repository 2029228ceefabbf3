/**
 * fast-check for the suites of `npm test`: one seed, so that a run says the same each time. `PROPERTY_SEED=4711 npm test -- unit`
 * looks elsewhere, and fast-check prints what it found with the seed.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 20261127) });

export default fc;
