import type { Response } from './response-reader.ts'

/** What a correct answer must carry. */
export type Wanted = { service: string; status: number; id: string | null }

/** Who wrote an answer, by its body, and what is wrong with it. */
export type Checked = { version: string | null; pid: number | null; error: string | null }

/** Reads who answered from the body (never from a header: a router may write those) and whether it is what was wanted. */
export function checkAnswer(response: Pick<Response, 'status' | 'body'>, wanted: Wanted): Checked {
  const body = read(response.body)
  const version = body?.['version']
  const pid = body?.['pid']
  const named = typeof version === 'string' && typeof pid === 'number' && body?.['service'] === wanted.service
  const names = named ? { version, pid } : { version: null, pid: null }
  if (response.status !== wanted.status) return { ...names, error: `status ${response.status}` }
  if (!named) return { ...names, error: `an answer that is not by ${wanted.service}` }
  if (wanted.id !== null && body?.['id'] !== wanted.id)
    return { ...names, error: 'the answer to another order' }
  return { ...names, error: null }
}

function read(text: string): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? { ...body } : undefined
  } catch {
    return undefined
  }
}
