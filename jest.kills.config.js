import scenarios from './jest.scenarios.config.js'

/**
 * The real `dist/`, killed before and after each call that leaves it: some hundred runs, half an hour. Apart from the
 * scenarios for its time alone.
 *
 * @type {import('jest').Config}
 */
export default { ...scenarios, testMatch: ['**/test/workflows/**/*.sweep.ts'] }
