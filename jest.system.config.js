import unit from './jest.config.js'

/**
 * Against real servers: `npm run test:system`. What is missing is fetched from Debian's packages into the user's cache, or the
 * run fails and says what to do; nothing is skipped. They mostly wait for scrapes, so that two at a time do no harm. Workflow files
 * among them are run under load beside the same control service as all scenarios.
 *
 * @type {import('jest').Config}
 */
export default {
  ...unit,
  testMatch: ['**/test/system/**/*.system.ts'],
  globalSetup: '<rootDir>/test/workflows/control/start-control.mjs',
  globalTeardown: '<rootDir>/test/workflows/control/stop-control.mjs',
  testTimeout: 60_000,
}
