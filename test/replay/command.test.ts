import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { JudgedFile } from '../../src/replay/file-schema.js'
import { judgeFile } from '../../src/replay/judge-file.js'

const EXAMPLE = 'docs/judge-example.json'

describe('the command judge', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tuesday-judge-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const judge = (words: readonly string[], input = '') => {
    const node = ['--disable-warning=ExperimentalWarning', '--import', './scripts/source-imports.mjs']
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...node, 'test/replay/judge-command.ts', ...words],
      { encoding: 'utf8', input },
    )
    return { status, stdout, stderr }
  }

  const written = (content: unknown): string => {
    const file = join(folder, 'report.json')
    writeFileSync(file, JSON.stringify(content))
    return file
  }

  it('prints what docs/judging.md shows of the example, as one line of JSON', () => {
    const { status, stdout, stderr } = judge([EXAMPLE])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    const page = readFileSync('docs/judging.md', 'utf8')
    const { verdict, reason } = JSON.parse(stdout) as { verdict: string; reason: string }
    expect(verdict).toBe('fail')
    expect(page).toContain(`"verdict": "${verdict}"`)
    expect(page).toContain(`"reason": "${reason}"`)
  })

  it('the example fails without any one of its blocks too: no hiccup of up to outageMs decides it', () => {
    const example = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as JudgedFile
    const { parameters, blocks } = example
    expect(parameters.outageMs ?? 10_000).toBe(10_000)
    for (const [index, { weight, fromMs, toMs }] of blocks.entries()) {
      expect(toMs - fromMs).toBeLessThanOrEqual(10_000)
      if (weight === 0) continue
      const without = blocks.filter((_, at) => at !== index)
      expect({ index, ...judgeFile({ parameters, blocks: without }) }).toMatchObject({
        index,
        verdict: 'fail',
      })
    }
  })

  it('a name in the blocks that no rule has is one warning, with the name that was meant', () => {
    const example = readFileSync(EXAMPLE, 'utf8')
    const misspelt = judge(['-'], example.replace(/"errors": \{/, '"erors": {'))
    expect(misspelt.status).toBe(0)
    expect(misspelt.stderr).toBe(
      'judge: warning: not judged, for no rule has its name: erors (did you mean errors?)\n',
    )
    expect(judge(['-'], example).stderr).toBe('')
  })

  it('reads standard input', () => {
    expect(judge(['-'], readFileSync(EXAMPLE, 'utf8'))).toEqual(judge([EXAMPLE]))
  })

  it('says of a report that the verdict is the same, or exits with 1', () => {
    const example = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as object
    const judgement = JSON.parse(judge([EXAMPLE]).stdout) as object
    const same = judge([written({ ...example, judgement })])
    expect(same).toMatchObject({ status: 0, stderr: 'judge: the same verdict as in the file: fail\n' })
    const other = judge([written({ ...example, judgement: { ...judgement, verdict: 'pass' } })])
    expect(other).toMatchObject({
      status: 1,
      stderr: 'judge: another verdict than in the file: fail, there it is pass\n',
    })
    expect(JSON.parse(other.stdout)).toMatchObject({
      verdict: 'fail',
      replay: { recorded: 'pass', same: false },
    })
  })

  it.each([
    ['a file that is not there', ['not-there.json'], 'judge: not-there.json cannot be read: '],
    ['no file', [], 'judge: given no file; allowed: one file'],
    ['two files', [EXAMPLE, EXAMPLE], `judge: given ${EXAMPLE} ${EXAMPLE}; allowed: one file`],
    ['an option', ['--replay'], 'judge: given --replay; allowed: one file'],
    ['a file that is no JSON', ['-'], 'judge: standard input: is no JSON: '],
  ])('exits with 2 for %s, and prints no verdict', (_, words, message) => {
    const { status, stdout, stderr } = judge(words)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/docs\/judging\.md|Usage: /)
  })
})
