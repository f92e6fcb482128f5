import unit from './jest.config.js'

/**
 * Against real servers: `npm run test:system`. What is missing is fetched from Debian's packages into the user's cache, or the
 * run fails and says what to do; nothing is skipped. They mostly wait for scrapes, so that two at a time do no harm.
 *
 * @type {import('jest').Config}
 */
export default {
  ...unit,
  testMatch: ['**/test/system/**/*.system.ts'],
  testTimeout: 60_000,
}
