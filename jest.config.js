/**
 * Node's own ES modules and Node's own type stripping: what the tests run is what Node runs, line for line.
 * Types are checked apart, by `tsc --noEmit`.
 *
 * @type {import('jest').Config}
 */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  // `js` first: a package that ships its sources beside its build is loaded as it runs for its users.
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '\\.ts$': '<rootDir>/test/jest/strip-types.js',
    '/workflow-parser/dist/\\w+/\\w+-schema\\.js$': '<rootDir>/test/github/with-json-attribute.js',
  },
  transformIgnorePatterns: ['/node_modules/(?!@actions/workflow-parser/)'],
  reporters: [['default', { summaryThreshold: 1 }], '<rootDir>/test/jest/counts-reporter.js'],
  testTimeout: 20_000,
  maxWorkers: 2,
}
