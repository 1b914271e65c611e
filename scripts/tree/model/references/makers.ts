// Which objects make others: what a controller writes stands in no manifest, and is there all the same.
import { listAt, mappingAt, pairsAt, type Resource, stringAt, valueAt } from '../build.ts'
import { isPodless } from '../pod-makers.ts'
import { isWorkload } from '../pod-template.ts'
import type { KindId } from '../references.ts'

export interface Made {
  readonly kind: KindId
  /** Undefined: any. */
  readonly name: string | ((name: string) => boolean) | undefined
  /** Undefined: any, as values come from outside. */
  readonly keys: readonly string[] | undefined
}

const SECRET = '/Secret'
const secret = (name: string | undefined, keys?: readonly string[]): readonly Made[] =>
  name === undefined ? [] : [{ kind: SECRET, name, keys }]

/** Sources: the documentation of each controller. */
const MAKERS: Readonly<Record<KindId, (resource: Resource) => readonly Made[]>> = {
  'cert-manager.io/Certificate': ({ object }) => secret(stringAt(object, ['spec', 'secretName'])),
  'cert-manager.io/Issuer': ({ object }) => secret(stringAt(object, ['spec', 'acme', 'privateKeySecretRef', 'name'])),
  'external-secrets.io/ExternalSecret': ({ object, name }) => {
    const target = stringAt(object, ['spec', 'target', 'name']) || name
    const isOpen =
      listAt(object, ['spec', 'dataFrom']).length > 0 ||
      valueAt(object, ['spec', 'target', 'template']) !== undefined ||
      (stringAt(object, ['spec', 'target', 'creationPolicy']) ?? 'Owner') !== 'Owner'
    const keys = listAt(object, ['spec', 'data']).flatMap(one => stringAt(one, ['secretKey']) ?? [])
    return secret(target, isOpen ? undefined : keys)
  },
  'external-secrets.io/ClusterExternalSecret': () => [{ kind: SECRET, name: undefined, keys: undefined }],
  'bitnami.com/SealedSecret': ({ object, name }) => {
    const keys = ['encryptedData', 'template/data', 'template/stringData'].flatMap(path =>
      Object.keys(mappingAt(object, ['spec', ...path.split('/')]) ?? {}),
    )
    return secret(stringAt(object, ['spec', 'template', 'metadata', 'name']) ?? name, keys)
  },
  'secrets-store.csi.x-k8s.io/SecretProviderClass': ({ object }) =>
    listAt(object, ['spec', 'secretObjects']).flatMap(one =>
      secret(
        stringAt(one, ['secretName']),
        listAt(one, ['data']).flatMap(entry => stringAt(entry, ['key']) ?? []),
      ),
    ),
  'networking.k8s.io/Ingress': ({ object }) =>
    hasIssuer(object) ? listAt(object, ['spec', 'tls']).flatMap(one => secret(stringAt(one, ['secretName']))) : [],
  'gateway.networking.k8s.io/Gateway': ({ object }) =>
    hasIssuer(object)
      ? listAt(object, ['spec', 'listeners']).flatMap(listener =>
          listAt(listener, ['tls', 'certificateRefs']).flatMap(one => secret(stringAt(one, ['name']))),
        )
      : [],
  'apps/StatefulSet': ({ object, name }) =>
    listAt(object, ['spec', 'volumeClaimTemplates']).flatMap(one => {
      const template = stringAt(one, ['metadata', 'name'])
      if (template === undefined) return []
      // A volume of the template's own name is replaced by the claim.
      const start = `${template}-${name}-`
      const isClaim = (claim: string): boolean =>
        claim === template || (claim.startsWith(start) && /^\d+$/.test(claim.slice(start.length)))
      return [{ kind: '/PersistentVolumeClaim', name: isClaim, keys: undefined }]
    }),
}

/** cert-manager writes the certificates of what says an issuer. */
const hasIssuer = (object: Resource['object']): boolean =>
  Object.keys(pairsAt(object, ['metadata', 'annotations'])).some(
    key => /^cert-manager\.io\/(?:cluster-)?issuer$/.test(key) || key === 'kubernetes.io/tls-acme',
  )

/** What an object is known to make. */
export const listMade = (resource: Resource): readonly Made[] => {
  const kind = `${resource.group}/${resource.kind}`
  return Object.hasOwn(MAKERS, kind) ? (MAKERS[kind]?.(resource) ?? []) : []
}

/** Policies of kyverno make whatever they say. */
const GENERATORS: ReadonlySet<string> = new Set(['kyverno.io'])

/** Whether the object's controller may make any object beside it, of which no manifest tells. */
export function mayMakeAnything(resource: Resource): boolean {
  if (Object.hasOwn(MAKERS, `${resource.group}/${resource.kind}`) || isWorkload(resource)) return false
  return GENERATORS.has(resource.group) || !isPodless(resource)
}

const ANY = new Set(['*'])
const covers = (list: readonly unknown[], word: string): boolean =>
  list.some(one => one === word || ANY.has(String(one)))

/** Whether a Role or ClusterRole lets its holders create objects of a kind. */
export function mayCreate(role: Resource, kind: KindId): boolean {
  const [group = '', name = ''] = kind.split('/')
  return listAt(role.object, ['rules']).some(
    rule =>
      covers(listAt(rule, ['verbs']), 'create') &&
      covers(listAt(rule, ['apiGroups']), group) &&
      covers(listAt(rule, ['resources']), pluralOf(name)),
  )
}

const pluralOf = (kind: string): string => {
  const word = kind.toLowerCase()
  if (word.endsWith('s')) return `${word}es`
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`
}
