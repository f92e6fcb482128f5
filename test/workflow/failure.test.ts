import { afterEach, describe, expect, it } from '@jest/globals'
import { Cancelled } from '../../src/rollout/interruption.js'
import { TransientError } from '../../src/rollout/ports/transient-error.js'
import { UserError } from '../../src/rollout/user-error.js'
import { Annotations } from '../../src/workflow/annotations.js'
import { showFailure } from '../../src/workflow/failure.js'
import { Masks } from '../../src/workflow/masks.js'
import { captured } from './captured-log.js'

afterEach(() => {
  process.exitCode = 0
})

const shown = async (thrown: unknown): Promise<string[]> => {
  const masks = new Masks(() => undefined)
  masks.add('the input token', 's3cret-value')
  let lines: string[] = []
  await captured((log) => {
    showFailure('deploy', thrown, new Annotations(masks), masks)
    lines = log.lines()
    expect(process.exitCode).toBe(1)
  })
  return lines
}

describe('a failure', () => {
  it('that the user can mend is one annotation with its hint', async () => {
    expect(await shown(new UserError('version: "x y" is no version', { hint: 'Give a label.' }))).toEqual([
      '::error::deploy: version: "x y" is no version%0AGive a label.',
    ])
  })

  it('in lines of files is an annotation at each of them, and then the failure that names them all', async () => {
    const marks = [
      { file: 'rollout.yml', line: 3, column: 5, message: 'hold: given s3cret-value; allowed: 5m' },
      { file: 'db/1,2.sql', line: 1, column: 1, message: 'DROP TABLE' },
    ]
    expect(await shown(new UserError('two things', { marks }))).toEqual([
      '::error file=rollout.yml,line=3,col=5::hold: given ***; allowed: 5m',
      '::error file=db/1%2C2.sql,line=1,col=1::DROP TABLE',
      '::error::deploy: two things',
    ])
  })

  it('in more lines than GitHub shows keeps room for the failure itself', async () => {
    const marks = Array.from({ length: 30 }, (_, line) => ({ file: 'f', line, column: 1, message: 'm' }))
    const lines = await shown(new UserError('many', { marks }))
    expect(lines).toHaveLength(9)
    expect(lines.at(-1)).toBe('::error::deploy: many')
  })

  it('of the cancelled job says so in one line', async () => {
    expect(await shown(new Cancelled())).toEqual(['::error::deploy: the job was cancelled'])
  })

  it('of a target that did not answer blames nobody', async () => {
    const lines = await shown(new TransientError('the API answered 503 for 2m'))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('Nothing is known to be wrong')
    expect(lines[0]).not.toContain('bug')
  })

  it('of our own is called a bug, with the stacks of all that caused it', async () => {
    const root = new RangeError('root')
    const lines = await shown(
      new AggregateError([new Error('one', { cause: root }), new Error('two')], 'several'),
    )
    const text = lines.join('\n')
    for (const message of ['AggregateError: several', 'Error: one', 'Error: two', 'RangeError: root'])
      expect(text).toContain(message)
    expect(lines.at(-1)).toContain('This is a bug of Tuesday')
  })

  it('whose causes go in circles ends', async () => {
    const one = new Error('one')
    one.cause = new Error('two', { cause: one })
    expect((await shown(one)).length).toBeLessThan(500)
  })

  it.each(['just text', undefined, null, 42, { odd: true }])(
    'that is no error (%j) is a bug too',
    async (thrown) => {
      expect((await shown(thrown)).at(-1)).toContain('This is a bug of Tuesday')
    },
  )

  it('shows no secret, in message nor stack', async () => {
    const text = (await shown(new Error('cannot log in with s3cret-value'))).join('\n')
    expect(text).toContain('cannot log in with ***')
    expect(text).not.toContain('s3cret-value')
  })
})
