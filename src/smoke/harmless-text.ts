const LONGEST = 300

/** Text from a server as it may be printed: on one line, short, and no command to the runner (`::…`). */
export function harmless(text: string): string {
  const flat = text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replaceAll('::', ': :')
    .replaceAll('##[', '# #[')
    .trim()
  return flat.length <= LONGEST ? flat : `${flat.slice(0, LONGEST)}… (${flat.length} characters)`
}
