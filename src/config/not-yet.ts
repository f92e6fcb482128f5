/** What a later version will know, by where it would stand, and what there is today. */
const NOT_YET: readonly { readonly at: RegExp; readonly names: readonly string[]; readonly today: string }[] =
  [
    { at: /^platform$/, names: ['kubernetes', 'ecs', 'hosts', 'command'], today: 'local' },
    {
      at: /^router$/,
      names: [
        'gateway-api',
        'istio',
        'ingress-nginx',
        'alb',
        'nginx',
        'haproxy',
        'traefik',
        'caddy',
        'service',
        'flag',
      ],
      today: 'local',
    },
  ]

/**
 * What to say of a word that is right but too early.
 * @param at the key that takes the word, without the overrides that it stands in: `platform`.
 */
export function notYet(at: string, name: string): string | undefined {
  const entry = NOT_YET.find((one) => one.at.test(at) && one.names.includes(name))
  return entry && `${name} is not supported yet; this version knows ${entry.today}`
}
