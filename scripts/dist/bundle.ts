import { createRequire } from 'node:module'

/** What a bundle consists of: file names relative to dist, and their contents. */
export type Files = Map<string, string | Buffer>

type Asset = { readonly source: string | Buffer }
type Bundler = (
  entry: string,
  settings: { filename: string; esm: boolean; cache: false; quiet: true },
) => Promise<{ code: string; assets: Record<string, Asset> }>

/** ncc is CommonJS without types. */
const bundler: Bundler = createRequire(import.meta.url)('@vercel/ncc')

/**
 * `new URL('./file', import.meta.url)` and the like make ncc emit the file as an asset, unbundled, and a module that
 * it cannot find becomes a `require` at run time: both work on the machine that builds and nowhere else.
 */
const refuseStrays = (files: Files): void => {
  for (const [file, content] of files) {
    if (!file.endsWith('.js') && file !== 'package.json')
      throw new Error(`${file} is no bundle: name files beside the bundle by join(import.meta.dirname, …)`)
    const missing = /eval\("require"\)\(("[^"]*")\)/.exec(String(content))
    if (missing !== null) throw new Error(`${file} needs ${missing[1]}, which could not be found`)
  }
}

/**
 * Bundles `entry` into `<name>.js`, and a chunk for each dynamic import. Names and ids of the chunks
 * come from paths relative to the working directory, so that is where the sources are staged: the bytes do not
 * depend on where the repository lies.
 */
export const bundle = async (directory: string, entry: string, name: string): Promise<Files> => {
  const before = process.cwd()
  process.chdir(directory)
  try {
    const { code, assets } = await bundler(`${directory}/${entry}`, {
      filename: `${name}.js`,
      esm: true,
      cache: false,
      quiet: true,
    })
    const files: Files = new Map([[`${name}.js`, code]])
    for (const [file, asset] of Object.entries(assets)) files.set(file, asset.source)
    refuseStrays(files)
    return files
  } finally {
    process.chdir(before)
  }
}
