import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { PortalDeps } from '../deps.ts';

/** Of what a browser can do for a page, the portal uses the clipboard and passkeys, on its own pages. */
const FEATURES = [
  ...['accelerometer', 'camera', 'display-capture', 'geolocation', 'gyroscope', 'hid', 'magnetometer', 'microphone'],
  ...['midi', 'payment', 'serial', 'usb'],
]
  .map((feature) => `${feature}=()`)
  .concat('clipboard-write=(self)', 'publickey-credentials-create=(self)', 'publickey-credentials-get=(self)')
  .join(', ');
/** Half a year, and for this very host alone. */
const HSTS_SECONDS = 180 * 86_400;

/**
 * What browsers are told to refuse. Nothing inline, nothing from elsewhere, never in a frame. Left out on purpose, because
 * the portal also lives on plain HTTP in a home network: upgrade-insecure-requests, and where `url` is not https, HSTS and
 * the isolation of origins, which browsers ignore there with a complaint on the console.
 */
export function addSecurityHeaders(app: FastifyInstance, { url }: Pick<PortalDeps, 'url'>): void {
  const isHttps = url?.startsWith('https:') === true;
  app.addHook('onRequest', (_request, reply, done) => {
    // What may be kept says so itself.
    reply.header('cache-control', 'no-store').header('permissions-policy', FEATURES);
    done();
  });
  app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginOpenerPolicy: isHttps && { policy: 'same-origin' },
    originAgentCluster: false,
    strictTransportSecurity: isHttps && { maxAge: HSTS_SECONDS, includeSubDomains: false },
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
}
