/**
 * The floors of ARCHITECTURE.md: imports go down only, never sideways, never in circles.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const floors = [
  ['platform'],
  ['audit'],
  ['catalogs'],
  ['identity', 'sla'],
  ['cases'],
  ['triage', 'evidence', 'notifications', 'transparency', 'oversight'],
  ['tracking'],
  ['intake'],
];

const folder = (names) => `^src/(${names.join('|')})/`;

export default {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    ...floors.map((names, floor) => ({
      name: `floor-${floor}-imports-down`,
      comment: `${names.join(', ')} may import what lies below only`,
      severity: 'error',
      from: { path: folder(names) },
      to: {
        path:
          floor + 1 < floors.length
            ? [...floors.slice(floor + 1).map(folder), '^src/[^/]+\\.ts$', '^src/(commands|demo|documentation)/']
            : ['^src/[^/]+\\.ts$', '^src/(commands|demo|documentation)/'],
      },
    })),
    ...floors.flatMap((names) =>
      names
        .filter(() => names.length > 1)
        .map((name) => ({
          name: `${name}-not-sideways`,
          severity: 'error',
          from: { path: folder([name]) },
          to: { path: folder(names.filter((other) => other !== name)) },
        })),
    ),
    {
      name: 'tests-stay-outside',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(test|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
