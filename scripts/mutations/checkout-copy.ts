import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Mutation } from '../../test/mutations/mutation.ts'

/** What tests need of a checkout; what is installed is linked, not copied. */
const PARTS = ['src', 'test', 'packages', 'actions', 'action.yml', 'package.json', 'jest.config.js']

/** A copy of the checkout that may be broken. */
export class CheckoutCopy {
  readonly root = mkdtempSync(join(tmpdir(), 'tuesday-mutations-'))

  constructor(checkout: string) {
    for (const part of PARTS) {
      const from = join(checkout, part)
      if (existsSync(from)) cpSync(from, join(this.root, part), { recursive: true })
    }
    symlinkSync(join(checkout, 'node_modules'), join(this.root, 'node_modules'))
  }

  /**
   * Breaks one line, and gives back what mends it.
   * @throws Error if the line is not there exactly once
   */
  break({ file, line, becomes }: Mutation): () => void {
    const path = join(this.root, file)
    const text = readFileSync(path, 'utf8')
    const lines = text.split('\n')
    const found = lines.flatMap((one, index) => (one.trim() === line ? [index] : []))
    const [at] = found
    if (at === undefined || found.length > 1)
      throw new Error(`${file} has this line ${found.length} times: ${line}`)
    lines[at] = becomes
    writeFileSync(path, lines.join('\n'))
    return () => writeFileSync(path, text)
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}
