/**
 * Text from SQL files and servers on one line: no control character, and nothing that a runner would take for a
 * command.
 */
export function shownLine(text: string, limit = 1_000): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .replace(/^::/, ': :')
    .replaceAll('##[', '# #[')
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`
}
