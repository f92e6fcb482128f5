import unit from './jest.config.js'

/**
 * Workflow files, run for real, under load, one at a time beside one control service: on two cores a second load
 * would spoil the first one's figures. The order is random, and its seed is printed.
 *
 * @type {import('jest').Config}
 */
export default {
  ...unit,
  testMatch: ['**/test/workflows/**/*.scenario.ts'],
  maxWorkers: 1,
  globalSetup: '<rootDir>/test/workflows/control/start-control.mjs',
  globalTeardown: '<rootDir>/test/workflows/control/stop-control.mjs',
  randomize: true,
  showSeed: true,
  testTimeout: 300_000,
}
