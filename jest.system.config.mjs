import config from './jest.config.mjs';

const e2e = config.projects.find(({ displayName }) => displayName === 'e2e');

/**
 * `npm run test:system`: what needs root and packages of Debian, such as a disk that is really full. `.ci/run` runs it.
 * The global setup is that of `npm test`: compiled sources and a PostgreSQL for `Harness`.
 */
export default {
  maxWorkers: 1,
  testTimeout: 180_000,
  projects: [{ ...e2e, displayName: 'system', testMatch: ['<rootDir>/test/system/**/*.system-spec.ts'] }],
};
