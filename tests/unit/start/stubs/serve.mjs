/** Runs `serve` over the stubs as npm start would, so that tests can send it signals: a parent and two children. */
import { serve } from '../../../../services/start/run.mjs';

const { SIP_PORT, WEB_PORT } = process.env;
const here = (name) => new URL(name, import.meta.url).pathname;
process.exitCode = await serve({
  config: {
    domain: 'example.com',
    listen: [
      { transport: 'udp', address: '127.0.0.1', port: Number(SIP_PORT) },
      { transport: 'tcp', address: '127.0.0.1', port: Number(SIP_PORT) },
    ],
    advertise: undefined,
  },
  web: { address: '127.0.0.1', port: Number(WEB_PORT) },
  environment: process.env,
  say: (line) => console.log(line),
  scripts: { sip: here('sip.mjs'), web: here('web.mjs') },
});
