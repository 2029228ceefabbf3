/** The health check of the portal's container: status 0 when GET /healthz is answered with 200. */
import { readWebConfig } from '../../dist/web/config.js';
import { knockAddress } from '../start/addresses.mjs';
import { untilWebAnswers } from '../start/ready.mjs';

const { address, port } = readWebConfig().web;
try {
  await untilWebAnswers(knockAddress(address), port, AbortSignal.timeout(3000));
} catch {
  console.error('no 200 to /healthz');
  process.exitCode = 1;
}
