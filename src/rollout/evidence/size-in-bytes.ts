/** How long something is in the ledger, as JSON in UTF-8, in bytes. */
export function sizeInBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
