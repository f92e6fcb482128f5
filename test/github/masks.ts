/**
 * What GitHub hides: every secret, each of its lines, and what `::add-mask::` names, also in the encodings the
 * runner knows (actions/runner, SecretMasker and its value encoders). A multi-line JSON secret therefore masks
 * `{` (trap 35): there is no least length.
 */
export class Masks {
  readonly #values = new Set<string>()

  /** Adds a value and each of its lines. Empty and blank ones are no masks. */
  add(value: string): void {
    for (const part of [value, ...value.split(/[\r\n]+/)]) {
      if (part.trim() === '') continue
      for (const form of encodings(part)) this.#values.add(form)
    }
  }

  /** The text with every masked value replaced by `***`; overlapping values make one `***`. */
  hide(text: string): string {
    const hidden = new Array<boolean>(text.length).fill(false)
    for (const value of this.#values) {
      for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
        hidden.fill(true, at, at + value.length)
      }
    }
    let result = ''
    for (let at = 0; at < text.length; at += 1) {
      if (!hidden[at]) result += text[at]
      else if (at === 0 || !hidden[at - 1]) result += '***'
    }
    return result
  }

  /** Whether GitHub would drop a job output with this value. */
  touches(text: string): boolean {
    for (const value of this.#values) if (text.includes(value)) return true
    return false
  }
}

function encodings(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8')
  const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value.toWellFormed())]
  // The runner masks base64 at the three alignments a secret can have within a longer text.
  for (const shift of [0, 1, 2]) {
    const encoded = bytes.subarray(shift).toString('base64')
    const whole = encoded.slice(0, Math.floor((bytes.length - shift) / 3) * 4)
    if (shift === 0 && encoded !== '') forms.push(encoded)
    if (whole.length > 0) forms.push(whole)
  }
  const unquoted = /^"(.+)"$/.exec(value)?.[1]
  if (unquoted !== undefined && unquoted.length > 5) forms.push(unquoted)
  return forms
}
