/** One version of a service, as the user names it. */
export interface Release {
  /** Label, unique for a build: a git commit, a tag, a number. It is what the service's answers must name. */
  readonly version: string
  /** Image by digest or tag, where the platform runs images. */
  readonly image?: string
  /** Git commit that it was built from. */
  readonly commit?: string
}

/** What a platform needs to start a release again: opaque to the core, at most 4 KiB, no secrets. */
export type ReleaseHandle = string

export const HANDLE_LIMIT_BYTES = 4096

/** The same build? The label decides; an image that differs under one label is another build. */
export function sameRelease(one: Release | undefined, other: Release | undefined): boolean {
  if (one === undefined || other === undefined) return false
  if (one.version !== other.version) return false
  return one.image === undefined || other.image === undefined || one.image === other.image
}
