import { jest } from '@jest/globals'

/** What was written to the log of the step, in lines. */
export interface CapturedLog {
  readonly lines: () => string[]
  readonly text: () => string
}

/** Catches the standard output of what runs inside, which is what GitHub's runner reads. */
export async function captured(during: (log: CapturedLog) => void | Promise<void>): Promise<void> {
  let text = ''
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  try {
    await during({ text: () => text, lines: () => text.split('\n').filter((line) => line !== '') })
  } finally {
    spy.mockRestore()
  }
}
