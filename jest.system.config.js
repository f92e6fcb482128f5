import unit from './jest.config.js'

/**
 * Against real servers: `npm run test:system`. What is missing is fetched from Debian's packages into the user's cache, or the
 * run fails and says what to do; nothing is skipped. One at a time, since they measure by the second.
 *
 * @type {import('jest').Config}
 */
export default {
  ...unit,
  testMatch: ['**/test/system/**/*.system.ts'],
  maxWorkers: 1,
  testTimeout: 60_000,
}
