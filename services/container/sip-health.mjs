/** The health check of the SIP container: status 0 when its OPTIONS is answered (RFC 3261 §11). */
import { readConfig } from '../../dist/services/runtime/config.js';
import { knockAddress } from '../start/addresses.mjs';
import { untilSipAnswers } from '../start/ready.mjs';

const { listen, domain } = readConfig();
const point = listen.find(({ transport }) => transport === 'udp') ?? listen[0];
try {
  await untilSipAnswers(knockAddress(point.address), point.port, domain, AbortSignal.timeout(3000), point.transport);
} catch {
  console.error('no answer to OPTIONS');
  process.exitCode = 1;
}
