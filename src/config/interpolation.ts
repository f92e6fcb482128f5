const REFERENCE = /\$\{([^}]*)\}/g
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** A text with its variables filled in, or why that cannot be done. */
export type Filled =
  { readonly text: string } | { readonly missing: readonly string[] } | { readonly malformed: string }

/**
 * Fills in `${NAME}`. A variable that is set but empty counts as missing: that is what GitHub makes of a secret
 * that does not exist.
 */
export function fillIn(template: string, env: Readonly<Record<string, string | undefined>>): Filled {
  const names = namesIn(template)
  const malformed =
    names.find((name) => !NAME.test(name)) ?? (/\$\{[^}]*$/.test(template) ? template : undefined)
  if (malformed !== undefined) return { malformed }
  const missing = [...new Set(names)].filter((name) => valueOf(name, env) === undefined)
  if (missing.length > 0) return { missing }
  return { text: template.replace(REFERENCE, (_, name: string) => valueOf(name, env) ?? '') }
}

/** The names of the variables that a text mentions. */
export function namesIn(template: string): readonly string[] {
  return [...template.matchAll(REFERENCE)].map((match) => match[1] ?? '')
}

function valueOf(name: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  return value === '' ? undefined : value
}
