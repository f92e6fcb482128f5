import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The files below a folder in which one of the texts stands, as it is or in base64. */
export function filesThatContain(
  folder: string,
  texts: readonly string[],
  except: (path: string) => boolean,
): readonly string[] {
  const forms = texts.flatMap((text) => [text, Buffer.from(text).toString('base64').replaceAll('=', '')])
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path).isFile() && !except(path))
    .filter((path) => {
      const content = readFileSync(path, 'latin1')
      return forms.some((form) => content.includes(form))
    })
}
