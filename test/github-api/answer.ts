/** What the server answers, and GitHub's ways of refusing. */

export interface Answer {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

/** GitHub's error body (docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api). */
export function refusal(
  status: number,
  message: string,
  page = '',
  more: Record<string, unknown> = {},
): Answer {
  const documentation = `https://docs.github.com/rest${page}`
  return { status, body: { message, ...more, documentation_url: documentation, status: String(status) } }
}

/** 422, as GitHub answers a body that its model does not allow. */
export function invalidRequest(problems: string[], page: string): Answer {
  return refusal(422, `Invalid request.\n\n${problems.join('\n')}`, page)
}

/** 422 "Validation Failed": the body is well-formed and one of its values is not acceptable. */
export function validationFailed(resource: string, field: string, message: string, page: string): Answer {
  return refusal(422, 'Validation Failed', page, { errors: [{ resource, code: 'custom', field, message }] })
}

/** 404: it is not there, or the token may not know that it is (GitHub does not tell which). */
export function notFound(page = ''): Answer {
  return refusal(404, 'Not Found', page)
}
