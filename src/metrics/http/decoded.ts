/** A part of an address without its escapes; as it is where a percent sign in it begins none: `100%safe`. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
