import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { NumberedFiles } from '../../../src/platforms/local/numbered-files.js'

let directory: string
let files: NumberedFiles
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tuesday-numbered-'))
  files = new NumberedFiles(join(directory, 'state'), 'ledger')
})
afterEach(() => rmSync(directory, { recursive: true }))

const names = (): string[] => readdirSync(join(directory, 'state'))

describe('a document in numbered files', () => {
  it('keeps the last twenty versions', () => {
    for (let n = 0; n < 50; n++) expect(files.append(String(n), n)).toBe(n + 1)
    expect(names()).toHaveLength(20)
    expect(files.latest()).toEqual({ number: 50, text: '49' })
  })

  it('keeps others of its kind apart', () => {
    const other = new NumberedFiles(join(directory, 'state'), 'ledger.old')
    files.append('mine', 0)
    expect(other.latest()).toBeUndefined()
    other.append('theirs', 0)
    expect(files.latest()).toEqual({ number: 1, text: 'mine' })
  })

  it('removes what a killed writer left unfinished, but not what one is writing', () => {
    files.append('1', 0)
    const old = join(directory, 'state', '.ledger.123.abc')
    writeFileSync(old, 'half')
    utimesSync(old, new Date(0), new Date(0))
    writeFileSync(join(directory, 'state', '.ledger.124.abc'), 'half')
    files.append('2', 1)
    expect(names().sort()).toEqual(['.ledger.124.abc', 'ledger.1.json', 'ledger.2.json'])
  })

  it('does not fill the gap that pruning has left', () => {
    for (let n = 0; n < 30; n++) files.append(String(n), n)
    expect(files.append('late', 3)).toBeUndefined()
    expect(files.latest()?.number).toBe(30)
    expect(names()).not.toContain('ledger.4.json')
  })
})

const WRITER = `
  import { NumberedFiles } from './numbered-files.mjs'
  const files = new NumberedFiles(process.argv[2], 'ledger')
  for (let done = 0; done < Number(process.argv[3]); ) {
    const { number, text } = files.latest() ?? { number: 0, text: '0' }
    if (files.append(String(Number(text) + 1), number) !== undefined) done += 1
  }
`

describe('several processes that count in one document', () => {
  beforeEach(async () => {
    await build({
      entryPoints: ['src/platforms/local/numbered-files.ts'],
      outfile: join(directory, 'numbered-files.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
    })
    writeFileSync(join(directory, 'writer.mjs'), WRITER)
  })
  const writer = (times: number) =>
    spawn(process.execPath, [join(directory, 'writer.mjs'), join(directory, 'state'), String(times)], {
      stdio: 'inherit',
    })

  it('lose no step', async () => {
    const ended = Array.from({ length: 3 }, () => once(writer(60), 'exit'))
    expect(await Promise.all(ended)).toEqual(ended.map(() => [0, null]))
    expect(files.latest()).toEqual({ number: 180, text: '180' })
  })

  it('hold up nobody when one is killed in the middle', async () => {
    for (let kills = 0; kills < 5; kills++) {
      const victim = writer(1_000_000)
      while ((files.latest()?.number ?? 0) < (kills + 1) * 40)
        await new Promise((resolve) => setTimeout(resolve, 5))
      victim.kill('SIGKILL')
      await once(victim, 'exit')
      const { number, text } = files.latest() ?? { number: 0, text: '' }
      expect(text).toBe(String(number))
      expect(files.append(String(number + 1), number)).toBe(number + 1)
    }
  })
})
