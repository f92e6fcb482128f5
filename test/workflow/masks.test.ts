import { describe, expect, it } from '@jest/globals'
import { Masks } from '../../src/workflow/masks.js'

const masking = (name: string, secret: string): { masks: Masks; announced: string[] } => {
  const announced: string[] = []
  const masks = new Masks((value) => announced.push(value))
  masks.add(name, secret)
  return { masks, announced }
}

const json = '{\n  "password": "s3cret-value",\n  "port": 1\n}'

describe('masks', () => {
  it('each line of a secret is masked', () => {
    expect(masking('the input token', json).announced).toEqual(['"password": "s3cret-value",', '"port": 1'])
  })

  it('the brace of a JSON secret is not, since that would drop every JSON output of the job (trap 35)', () => {
    const { masks, announced } = masking('the input token', json)
    expect(announced).not.toContain('{')
    expect(masks.occurringIn('{"state":"x"}')).toBeUndefined()
  })

  it('a secret of one line is masked however short it is', () => {
    expect(masking('the input token', 'ab').announced).toEqual(['ab'])
  })

  it("an address's password is masked alone too, as written and decoded", () => {
    const { announced, masks } = masking('the input database-url', 'postgres://shop:hunter%2F22@db:5432/shop')
    expect(announced).toEqual(['postgres://shop:hunter%2F22@db:5432/shop', 'hunter%2F22', 'hunter/22'])
    expect(masks.redact('password authentication failed: hunter/22')).toBe(
      'password authentication failed: ***',
    )
  })

  it('nothing is masked for a secret that was not given', () => {
    expect(masking('the input token', '').announced).toEqual([])
    expect(masking('the input token', ' \n ').announced).toEqual([])
  })

  it('of secrets that contain each other the longer is taken out first', () => {
    const { masks } = masking('one', 'abcd')
    masks.add('two', 'abcdef')
    expect(masks.redact('abcdef abcd')).toBe('*** ***')
  })
})
