import { describe, expect, it } from '@jest/globals'
import { splitCommand } from '../../../src/platforms/local/split-command.js'

describe('a command line', () => {
  it.each([
    ['node server.js', ['node', 'server.js']],
    ['  node   server.js\t--port 1 ', ['node', 'server.js', '--port', '1']],
    [`sh -c 'exec node "a b.js"'`, ['sh', '-c', 'exec node "a b.js"']],
    ['node "a \\"b\\" \\\\ \\n"', ['node', 'a "b" \\ \\n']],
    ['node a\\ b', ['node', 'a b']],
    [`node --name=''`, ['node', '--name=']],
    [`node ''`, ['node', '']],
    ['echo $HOME | cat; rm *', ['echo', '$HOME', '|', 'cat;', 'rm', '*']],
  ])('%s is split as a shell would, and nothing else is done to it', (line, words) => {
    expect(splitCommand(line)).toEqual(words)
  })

  it('that is empty is refused', () => {
    for (const line of ['', '  ', `""`]) expect(() => splitCommand(line)).toThrow('command: is empty')
  })

  it('whose quote is not closed is refused', () => {
    expect(() => splitCommand('node "a')).toThrow('is never closed')
  })
})
