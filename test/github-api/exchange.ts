/** One request as the routes see it, and how lists are cut into pages. */
import type { Answer } from './answer.ts'
import type { StoredRepository } from './stored-repository.ts'

export interface Exchange {
  repository: StoredRepository
  /** What the route's pattern has captured. */
  parts: string[]
  query: URLSearchParams
  body: Record<string, unknown>
  /** The time as GitHub writes it: no milliseconds. */
  now: string
  /** `https://…/repos/owner/name` of this server. */
  base: string
  /** How long lists do not show what was just made. */
  staleForMs: number
}

/** A page of a list with its `Link` header (docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api). */
export function pageOf(all: unknown[], query: URLSearchParams, url: string): Answer {
  const size = Math.min(Math.max(Number(query.get('per_page') ?? 30) || 30, 1), 100)
  const page = Math.max(Number(query.get('page') ?? 1) || 1, 1)
  const last = Math.max(Math.ceil(all.length / size), 1)
  const link = (to: number, rel: string): string => {
    const target = new URLSearchParams(query)
    target.set('page', String(to))
    return `<${url}?${target.toString()}>; rel="${rel}"`
  }
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev'), link(1, 'first')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
  ]
  return {
    status: 200,
    body: all.slice((page - 1) * size, page * size),
    headers: links.length > 0 ? { link: links.join(', ') } : {},
  }
}
