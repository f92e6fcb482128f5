/** After the last scenario. */
export default async function stopControl() {
  await globalThis.endOfControl?.()
}
