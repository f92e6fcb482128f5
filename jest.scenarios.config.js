import unit from './jest.config.js'

/**
 * Workflow files, run for real, under load, two at a time beside one control service: that is what two cores carry.
 * Those that measure how fast a bad release is gone run alone (`npm run test:scenarios`). The order is random, and its
 * seed is printed.
 *
 * @type {import('jest').Config}
 */
export default {
  ...unit,
  testMatch: ['**/test/workflows/**/*.scenario.ts'],
  maxWorkers: 2,
  globalSetup: '<rootDir>/test/workflows/control/start-control.mjs',
  globalTeardown: '<rootDir>/test/workflows/control/stop-control.mjs',
  randomize: true,
  showSeed: true,
  testTimeout: 300_000,
}
