import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { judgeFile } from '../../src/replay/judge-file.js'
import { readJudgedFile } from '../../src/replay/read-file.js'

const EXAMPLE = 'docs/judge-example.json'

describe('the shipped judge', () => {
  it('judges with nothing but Node and three files, as its sources do', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tuesday-shipped-judge-'))
    try {
      for (const file of ['judge.js', 'judging.js', 'package.json'])
        copyFileSync(join('dist', file), join(folder, file))
      const input = readFileSync(EXAMPLE, 'utf8')
      const { status, stdout, stderr } = spawnSync(process.execPath, ['judge.js', '-'], {
        cwd: folder,
        env: {},
        input,
        encoding: 'utf8',
      })
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      const judged = JSON.stringify(judgeFile(readJudgedFile(input, EXAMPLE)))
      expect(stdout).toBe(`${judged}\n`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
