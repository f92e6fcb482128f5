/** Random numbers that are the same in every run with the same seed, on every machine. */
export interface Random {
  /** From 0 up to 1, without 1. */
  next(): number
}

/** FNV-1a: texts that differ in a letter give states that differ everywhere. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** The generator sfc32, begun from a text: seed, row and run, so that no two runs share their numbers. */
export const randomFrom = (text: string): Random => {
  let [a, b, c, counter] = [hashOf(text), hashOf(`${text}·`), hashOf(`·${text}`), 1]
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }
  for (let i = 0; i < 16; i++) next()
  return { next }
}
