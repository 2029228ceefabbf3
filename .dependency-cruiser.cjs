/** The import order of the house (docs/architecture.md): a room imports only rooms to its left, and enters by index.ts. */
const ORDER = [
  'model',
  'runtime',
  'sip',
  'packages',
  'store',
  'policy',
  'compositor',
  'record',
  'gate',
  'watchers',
  'notify',
  'subscribe',
  'publish',
  'node',
  'cli',
  'demo',
];

const toTheRight = (room, index) => ({
  name: `${room}-imports-only-to-its-left`,
  severity: 'error',
  from: { path: `^services/${room}/` },
  to: { path: `^services/(${[...ORDER.slice(index + 1), 'main'].join('|')})(/|\\.ts$)` },
});

const never = (name, from, to) => ({ name, severity: 'error', from, to });

module.exports = {
  forbidden: [
    ...ORDER.map(toTheRight),
    never(
      'rooms-are-entered-by-their-index',
      // What starts the house, and what looks after it from outside in a container, is no room.
      { path: '^services/([^/]+)/', pathNot: '^services/(start|container)/' },
      { path: '^services/[^/]+/', pathNot: ['^services/$1/', '^services/[^/]+/index\\.ts$'] },
    ),
    never(
      'main-and-web-enter-rooms-by-their-index',
      { path: '^(web/|services/main\\.ts$)' },
      {
        path: '^services/[^/]+/',
        pathNot: '^services/[^/]+/index\\.ts$',
      },
    ),
    never('model-imports-nothing', { path: '^services/model/' }, { pathNot: '^services/model/' }),
    never('runtime-has-no-domain-words', { path: '^services/runtime/' }, { path: '^services/model/' }),
    never('sip-never-heard-of-presence', { path: '^services/sip/' }, { path: '^services/(model|packages|store)/' }),
    never(
      'publish-and-subscribe-do-not-meet',
      { path: '^services/publish/' },
      { path: '^services/(subscribe|notify)/' },
    ),
    never('subscribe-and-publish-do-not-meet', { path: '^services/subscribe/' }, { path: '^services/publish/' }),
    never(
      'event-packages-are-pure',
      { path: '^services/packages/(?!host|registry|load)[^/]+/' },
      {
        path: ['^services/(store|sip)/', '^(node:|fs|net|http|crypto|child_process|os|path|url|worker_threads)'],
      },
    ),
    never(
      'the-portal-sees-facts-and-pure-rooms-only',
      { path: '^web/' },
      {
        path: '^services/',
        pathNot: '^services/(model|runtime|store|packages|policy|compositor)/',
      },
    ),
    never(
      'the-demo-knows-of-the-service-what-a-phone-knows',
      { path: '^services/demo/' },
      { path: '^services/', pathNot: '^services/(demo|model|runtime|sip|store)/' },
    ),
    never('services-never-enter-the-portal', { path: '^services/' }, { path: '^web/' }),
    never('one-door-sip', { path: '.', pathNot: '^(services/sip/grammar/|tests/)' }, { path: 'node_modules/sip/' }),
    never(
      'one-door-prisma',
      { path: '.', pathNot: '^(services/store/prisma/|tests/)' },
      {
        path: ['node_modules/@prisma/', 'node_modules/@libsql/', 'node_modules/mariadb/', '/prisma/generated/'],
      },
    ),
    never(
      'one-door-argon2',
      { path: '.', pathNot: '^(services/store/secrets\\.ts$|tests/)' },
      {
        path: 'node_modules/argon2/',
      },
    ),
    never('no-cycles', { path: '^(services|web)/', pathNot: 'generated' }, { circular: true }),
    never('everything-resolves', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'services/store/prisma/generated'] },
    exclude: { path: '^dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
