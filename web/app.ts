import cookie from '@fastify/cookie';
import { type FastifyInstance, fastify } from 'fastify';
import type { PortalDeps } from './deps.ts';
import { live } from './live/route.ts';
import { mailAsks } from './mail/asks.ts';
import { admin } from './pages/admin/route.ts';
import { forgot } from './pages/forgot/route.ts';
import { health } from './pages/health/route.ts';
import { passkeyLogin } from './pages/login/passkey.ts';
import { login } from './pages/login/route.ts';
import { secondStep } from './pages/login/second-step.ts';
import { logout } from './pages/logout/route.ts';
import { confirmAddress } from './pages/mail/route.ts';
import { phones } from './pages/phones/route.ts';
import { trace } from './pages/phones/trace/route.ts';
import { presence } from './pages/presence/route.ts';
import { preview } from './pages/preview/route.ts';
import { register } from './pages/register/route.ts';
import { reset } from './pages/reset/route.ts';
import { rules } from './pages/rules/route.ts';
import { security } from './pages/security/route.ts';
import { watchers } from './pages/watchers/route.ts';
import { welcome } from './pages/welcome/route.ts';
import { addCsrf } from './plugins/csrf.ts';
import { addErrorPages } from './plugins/errors.ts';
import { addExternalAddress } from './plugins/external-address.ts';
import { addForms, MAX_FORM_BYTES } from './plugins/forms.ts';
import { addLanguage } from './plugins/language.ts';
import { addPace } from './plugins/pace.ts';
import { addSecurityHeaders } from './plugins/security.ts';
import { addSessions } from './plugins/session.ts';
import { addViews } from './plugins/view.ts';

const PAGES = [
  welcome,
  register,
  login,
  secondStep,
  passkeyLogin,
  reset,
  forgot,
  confirmAddress,
  logout,
  presence,
  rules,
  watchers,
  preview,
  phones,
  trace,
  security,
  admin,
];

/**
 * THE PORTAL. Builds the application and never listens: tests inject requests. It writes facts (accounts, rules) and
 * reads facts (publications, subscriptions); the SIP side learns of them through the journal and is never called.
 */
export function buildApp(deps: PortalDeps): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: MAX_FORM_BYTES,
    trustProxy: deps.proxies.length === 0 ? false : [...deps.proxies],
    requestTimeout: 30_000,
    return503OnClosing: true,
  });
  addExternalAddress(app, deps);
  addLanguage(app);
  addSecurityHeaders(app, deps);
  addForms(app);
  addViews(app);
  addErrorPages(app, deps);
  health(app, deps);
  app.register(async (pages) => {
    await pages.register(cookie, { secret: Buffer.from(deps.secrets.deriveKey('web-cookies')) });
    addSessions(pages, deps);
    addCsrf(pages, deps);
    addPace(pages, deps);
    for (const page of PAGES) page(pages, deps);
    live(pages, deps);
    mailAsks(pages, deps);
  });
  return app;
}
