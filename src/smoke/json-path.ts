/**
 * The values at a JSON path (RFC 9535) of a text.
 * @throws Error if the text is no JSON or the path is none
 */
export async function valuesAt(text: string, path: string): Promise<readonly unknown[]> {
  const { query } = await import('jsonpath-rfc9535')
  return query(JSON.parse(text), path)
}
