import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const preamble = readFileSync('scripts/dist/on-first-use.js', 'utf8').replace('export const', 'const')

/** Runs `body` after the preamble, as it stands in a bundled file; gives what it returns. */
const evaluated = (body: string): unknown => {
  const program = `${preamble}\nconst answer = await (async () => { ${body} })()\nconsole.log(JSON.stringify(answer))`
  const node = join(process.cwd(), 'node_modules/.bin/node')
  return JSON.parse(execFileSync(node, ['--input-type=module', '-e', program], { encoding: 'utf8' }))
}

describe("modules of Node's own in the bundle", () => {
  it.each(['node:http', 'node:tls', 'node:assert', 'node:readline', 'node:zlib'])('%s is loaded when used', (name) => {
    const loaded = `process.moduleLoadList.includes('NativeModule ${name.replace('node:', '')}')`
    const [before, after] = evaluated(`
      const module = lazily('${name}')
      const before = ${loaded}
      void (module.default ?? module.request ?? module.connect ?? module.ok ?? module.createInterface ?? module.gzip)
      return [before, ${loaded}]`) as boolean[]
    expect(before).toBe(false)
    expect(after).toBe(true)
  })

  it('answer with what the module has: functions, classes to extend, constants, names', () => {
    expect(
      evaluated(`
        const http = lazily('http'), assert = lazily('assert'), fs = lazily('fs')
        class Mine extends http.Agent {}
        let refused = ''
        try { assert(false, 'no') } catch (error) { refused = error.code }
        return [new Mine() instanceof process.getBuiltinModule('http').Agent, refused, fs.constants.O_RDONLY,
          'request' in http, Object.keys(http).length === Object.keys(process.getBuiltinModule('http')).length]`),
    ).toEqual([true, 'ERR_ASSERTION', 0, true, true])
  })

  it('give functions of fs.promises that load it when they are called', () => {
    const loaded = "process.moduleLoadList.includes('NativeModule internal/fs/promises')"
    expect(
      evaluated(`
        const { readFile } = lazily('fs').promises, { access, constants } = lazily('node:fs/promises')
        const before = ${loaded}
        const text = await readFile('LICENSE', 'utf8')
        const refused = await access('/nowhere').catch((error) => error.code)
        return [text.slice(0, 3), refused, ${loaded}]`),
    ).toEqual(['MIT', 'ENOENT', true])
  })

  it('make random ids without loading crypto', () => {
    const [ids, bytes, loaded] = evaluated(`
      const crypto = lazily('node:crypto')
      const ids = Array.from({ length: 1000 }, () => crypto.randomUUID())
      const bytes = crypto.randomBytes(20)
      return [ids, [Buffer.isBuffer(bytes), bytes.length], process.moduleLoadList.includes('NativeModule crypto')]`) as [
      string[],
      unknown,
      boolean,
    ]
    expect(new Set(ids).size).toBe(1000)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(bytes).toEqual([true, 20])
    expect(loaded).toBe(false)
  })

  it('leave the rest of crypto as it is', () => {
    expect(evaluated(`return lazily('crypto').createHash('sha256').update('').digest('hex').slice(0, 8)`)).toBe('e3b0c442')
  })
})
