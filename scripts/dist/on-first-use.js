/**
 * Put before every bundled file that imports a module of Node's own. `lazily('node:http')` stands for the module and
 * loads it when something of it is first used: importing `http` alone costs a step 3 ms of CPU, `crypto` 4, `assert`
 * 3, and most steps need none of them before their first call to the platform, some never.
 */
export const lazily = (name) => {
  let loaded
  const real = () => (loaded ??= process.getBuiltinModule(name))
  const instead = replacements[name.replace('node:', '')] ?? {}
  return new Proxy(() => {}, {
    // `__esModule` is asked by the bundler's own glue, at the start.
    get: (_, key) => (key === '__esModule' ? undefined : (instead[key] ?? real()[key])),
    has: (_, key) => key in real(),
    apply: (_, self, values) => Reflect.apply(real(), self, values),
    ownKeys: () => Reflect.ownKeys(real()),
    getOwnPropertyDescriptor: (_, key) => {
      const found = Reflect.getOwnPropertyDescriptor(real(), key)
      return found && { ...found, configurable: true }
    },
  })
}

/**
 * `@actions/core` takes functions out of `fs.promises` at its start; loading that brings readline and file watchers
 * along. Everything in it is a function but `constants`, so each can be stood for until it is called.
 */
const filePromises = new Proxy(
  {},
  {
    get: (_, key) => {
      const real = () => process.getBuiltinModule('fs').promises
      return key === 'constants' || typeof key !== 'string' ? real()[key] : (...values) => real()[key](...values)
    },
  },
)

/**
 * Every step needs a random id (`@actions/core` for each output, we for a lease), and nothing else of `crypto` at
 * the start. So these two come from the system's own source, the one that seeds OpenSSL.
 */
const randomness = {
  randomBytes: (size, then) => {
    const fs = process.getBuiltinModule('fs')
    if (then !== undefined || !fs.existsSync('/dev/urandom'))
      return process.getBuiltinModule('crypto').randomBytes(size, then)
    const bytes = Buffer.alloc(size)
    const source = fs.openSync('/dev/urandom')
    try {
      for (let filled = 0; filled < size; ) filled += fs.readSync(source, bytes, filled, size - filled)
    } finally {
      fs.closeSync(source)
    }
    return bytes
  },
  // RFC 9562, version 4: 122 random bits.
  randomUUID: () => {
    const bytes = randomness.randomBytes(16)
    bytes[6] = (bytes[6] & 0x0f) | 0x40
    bytes[8] = (bytes[8] & 0x3f) | 0x80
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  },
}

/** By module: what is answered without loading it. */
const replacements = { crypto: randomness, fs: { promises: filePromises }, 'fs/promises': filePromises }
