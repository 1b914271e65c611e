// What the routes of Traefik name. Source: the definitions of traefik.io/v1alpha1; the other group is the one of Traefik 2.
import type { KindFields, KindId, ReferenceField } from '../references.ts'

const GROUPS = ['traefik.io', 'traefik.containo.us']

const list = (...kinds: readonly string[]): readonly KindId[] =>
  GROUPS.flatMap(group => kinds.map(kind => `${group}/${kind}`))

export const TRAEFIK_ROUTES = list('IngressRoute', 'IngressRouteTCP', 'IngressRouteUDP')

/** What else they are made of. */
export const TRAEFIK_PARTS = list('Middleware', 'TLSOption')

const toService = (of: readonly KindId[], to: KindId | KindFields): ReferenceField => ({
  of,
  at: 'spec/routes/*/services/*',
  name: 'name',
  to,
  namespace: 'namespace',
  ports: ['port'],
})

export const TRAEFIK_FIELDS: readonly ReferenceField[] = [
  // A TraefikService is what Traefik has by itself, as `api@internal`, or a set of others.
  toService(list('IngressRoute'), { kind: 'kind', usually: '/Service' }),
  toService(list('IngressRouteTCP', 'IngressRouteUDP'), '/Service'),
  {
    of: list('IngressRoute', 'IngressRouteTCP'),
    at: 'spec/tls',
    name: 'secretName',
    to: '/Secret',
    isDispensable: true,
  },
  ...GROUPS.flatMap((group): readonly ReferenceField[] => [
    {
      of: [`${group}/IngressRoute`],
      at: 'spec/routes/*/middlewares/*',
      name: 'name',
      to: `${group}/Middleware`,
      namespace: 'namespace',
      isOftenElsewhere: true,
    },
    {
      of: [`${group}/IngressRoute`, `${group}/IngressRouteTCP`],
      at: 'spec/tls/options',
      name: 'name',
      to: `${group}/TLSOption`,
      namespace: 'namespace',
      isOftenElsewhere: true,
    },
  ]),
]
