/**
 * The storeys of ARCHITECTURE.md, from the top. Inside one, its folders from the top; folders of one row do not know each other.
 * Imports go down only: to a lower storey, or to a lower row of the same one.
 */
export const STOREYS = {
  app: [],
  doors: [['ivr'], ['phone'], ['reports', 'whatsapp', 'tracking']],
  insight: [['transparency', 'oversight']],
  work: [['intake'], ['triage', 'notifications', 'evidence'], ['cases']],
  foundations: [['identity', 'sla'], ['catalogs'], ['audit']],
  platform: [],
};

/** Every row of the house, from the top: the storey, and its folders where it has several. */
const rows = Object.entries(STOREYS).flatMap(([storey, folders]) =>
  folders.length === 0 ? [{ storey, names: [] }] : folders.map((names) => ({ storey, names })),
);
const pathOf = (storey, names) => `^src/${storey}/${names.length > 0 ? `(${names.join('|')})/` : ''}`;
const WHATSAPP = '^src/doors/whatsapp/';
const ENTRY_POINTS = '^src/[^/]+\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    ...rows.slice(1).map(({ storey, names }, at) => ({
      name: `${[storey, ...names].join('-')}-imports-down`,
      severity: 'error',
      from: { path: pathOf(storey, names) },
      to: { path: [ENTRY_POINTS, ...rows.slice(0, at + 1).map((row) => pathOf(row.storey, row.names))] },
    })),
    {
      name: 'app-imports-no-entry-point',
      severity: 'error',
      from: { path: '^src/app/' },
      to: { path: ENTRY_POINTS },
    },
    ...rows.flatMap(({ storey, names }) =>
      names.length < 2
        ? []
        : names.map((name) => ({
            name: `${storey}-${name}-not-sideways`,
            severity: 'error',
            from: { path: pathOf(storey, [name]) },
            to: {
              path: pathOf(
                storey,
                names.filter((other) => other !== name),
              ),
            },
          })),
    ),
    // Another chat brings a gateway of its own; what it says to people and remembers of them is the same.
    {
      name: 'whatsapp-bot-knows-no-chat',
      severity: 'error',
      from: { path: `${WHATSAPP}bot/` },
      to: { path: '^src/', pathNot: ['^src/platform/', `${WHATSAPP}bot/`] },
    },
    {
      name: 'whatsapp-sessions-know-no-gateway',
      severity: 'error',
      from: { path: `${WHATSAPP}sessions/` },
      to: { path: `${WHATSAPP}(gateway|submission)/` },
    },
    {
      name: 'whatsapp-gateway-knows-no-conversation',
      severity: 'error',
      from: { path: `${WHATSAPP}gateway/`, pathNot: '\\.spec\\.ts$' },
      to: { path: [`${WHATSAPP}(sessions|submission)/`, `${WHATSAPP}bot/(?!messages)`] },
    },
    {
      name: 'every-folder-has-its-place',
      comment: 'a new folder is named in STOREYS',
      severity: 'error',
      from: { path: '^src/', pathNot: [ENTRY_POINTS, ...rows.map((row) => pathOf(row.storey, row.names))] },
      to: {},
    },
    {
      name: 'packages-know-nothing-of-the-service',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(src|migrations|test|bench)/' },
    },
    {
      name: 'packages-are-entered-by-their-door',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^packages/[^/]+/(src|dist)/', pathNot: '^packages/[^/]+/(src|dist)/index\\.' },
    },
    {
      name: 'tests-stay-outside',
      severity: 'error',
      from: { path: '^(src|packages/[^/]+/src)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '(^|/)(test|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/[^/]+/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
