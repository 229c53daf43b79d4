/** ESM mode: Nest 12 cannot be loaded through CommonJS Jest on Node 20. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^@denuncia-abierta/([a-z-]+)$': '<rootDir>/packages/$1/src/index.ts',
  },
  // Compiled as for production: .swcrc.
  transform: { '^.+\\.ts$': '@swc/jest' },
};

export default {
  maxWorkers: 3,
  reporters: ['default', '<rootDir>/test/setup/slowest-reporter.mjs'],
  testTimeout: 60_000,
  projects: [
    // Pure cores: no database, no network.
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{src,packages}/**/*.spec.ts'] },
    // Everything else crosses a real PostgreSQL and real HTTP.
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/{test,packages}/**/*.e2e-spec.ts'],
      globalSetup: '<rootDir>/test/setup/global-setup.ts',
      globalTeardown: '<rootDir>/test/setup/global-teardown.ts',
    },
  ],
};
