import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { cutTo, forLog, forMarkdown, onOneLine, ourMarkdown } from '../../src/workflow/plain-text.js'

/** How GitHub's runner recognises a command: `::` after white space of any kind, or `##[` anywhere. */
const isCommand = (line: string): boolean => /^[\s\u0085]*::/.test(line) || line.includes('##[')

/** GitHub's runner reads lines as .NET does. */
const runnerLines = (text: string): string[] => text.split(/\r\n|\r|\n/)

const hostile = [
  '::set-output name=state::stolen',
  '  ::add-mask::x',
  'fine\n::error::not ours',
  'fine\r::stop-commands::never',
  'fine\r\n\t::warning::x',
  '\u001b[2K::notice::x',
  '\u0000::notice::x',
  ':\u200b:notice::x',
  '\u2003::notice::x',
  'a ##[error]b',
  '##\u0007[group]x',
  '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007',
]

describe('text for the log', () => {
  it.each(hostile)('%j is no command to the runner', (text) => {
    expect(runnerLines(forLog(text)).filter(isCommand)).toEqual([])
  })

  it('no text at all is a command', () => {
    const pieces = fc.constantFrom(
      '::',
      ':',
      '##[',
      '#',
      '[',
      'error',
      '\n',
      '\r',
      '\t',
      '\u001b[',
      '\u0000',
      '\u200b',
      ' ',
      'm',
      ']',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }), (parts) => {
        expect(runnerLines(forLog(parts.join(''))).filter(isCommand)).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })

  it('keeps what is harmless as it is', () => {
    expect(forLog('GET http://[::1]:8080/ → 200, std::vector, 5 % ✓')).toBe(
      'GET http://[::1]:8080/ → 200, std::vector, 5 % ✓',
    )
  })

  it('loses colours, control characters and what reorders text', () => {
    expect(forLog('\u001b[31mred\u001b[0m\u0007 \u202egnirts')).toBe('red gnirts')
  })

  it('on one line, lines are joined', () => {
    expect(onOneLine('one\n  two\r\nthree')).toBe('one two three')
  })
})

describe('cutting', () => {
  it('never exceeds the limit, and says how long the text was', () => {
    const cut = cutTo('x'.repeat(10_000), 4_096)
    expect(cut.length).toBeLessThanOrEqual(4_096)
    expect(cut).toContain('10000 characters in all')
    expect(cutTo('short', 4_096)).toBe('short')
  })

  it('never cuts inside a character', () => {
    for (let limit = 40; limit < 48; limit++) expect(cutTo('😀'.repeat(100), limit).isWellFormed()).toBe(true)
  })
})

describe('text for the summary', () => {
  it.each([
    '<img src=x onerror=alert(1)>',
    '</details><script>x</script>',
    '[click](javascript:alert(1))',
    '![x](https://evil.example/pixel.png)',
    '`code` **bold** _it_ ~~no~~ # h',
    '| a | b |',
    '@octocat https://evil.example www.evil.example',
    '```mermaid\ngraph TD\n```',
    '$\\color{red}{x}$',
    '&lt;b&gt;',
    '- item',
    '1. item',
  ])('%j is shown letter by letter', (text) => {
    const escaped = forMarkdown(text)
    const bare = escaped.replace(/&#\d+;/g, '\u0001')
    expect(bare).not.toMatch(/[&#<>|`*[\]$\\~\n]|https?:|www\.|(^|\W)[_@]\w|\w_(\W|$)|^([-+=:]|\d+[.)]\s)/)
    const shown = escaped.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    expect(shown).toBe(onOneLine(text))
  })

  it.each([
    'ghs_16C7e42F292c6912E7710c838347Ae178B4a',
    'postgres://shop:hunter22@db:5432/shop',
    'aGVsbG8+d29ybGQ/IQ==',
    '5f-3e_2d.9c',
  ])('%j stays in one piece, so that GitHub can mask it if it is a secret that is not ours', (secret) => {
    expect(forMarkdown(`the server said ${secret} twice`)).toContain(secret)
  })

  it('is cut before it is escaped, so that no entity is cut in two', () => {
    expect(forMarkdown('<'.repeat(1_000), 100)).toMatch(/^(&#\d+;|[ …()\w])+$/)
  })
})

describe('a sentence of our own in a summary', () => {
  it('shows code as code, with no entity in it', () => {
    expect(ourMarkdown('Say `if-busy: wait`, or `migrations: { database: "${URL}" }`; <b>')).toBe(
      'Say `if-busy: wait`, or `migrations: { database: "${URL}" }`; &#60;b&#62;',
    )
  })

  it.each(['`<img src=x>`', '` a `', '``` mermaid', '`a|b`', '`@octocat`', 'one ` alone', '`a\n\n# b`'])(
    '%j, which is not ours, works no more than elsewhere',
    (text) => {
      expect(ourMarkdown(text)).toBe(forMarkdown(text))
    },
  )

  it('is escaped outside of its code whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (before, after) => {
        const text = ourMarkdown(`${before}\`code\`${after}`, 10_000)
        expect(text.replace(/`\w[\w .:=,;{}'"/$…-]*`/g, '')).not.toMatch(/[<>`*[\]|\\~$]/)
      }),
    )
  })
})
