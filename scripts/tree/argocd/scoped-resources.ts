// Repositories and clusters that are declared for one project, which permits them without naming them.
import { listAt, mappingAt, type Resource, stringAt, valueAt } from '../model/build.ts'
import type { KubernetesObject, Value } from '../model/resource.ts'

const TYPE = 'argocd.argoproj.io/secret-type'
/** What sops makes of a value. */
const ENCRYPTED = /^ENC\[/
/** Where other kinds write the Secret that a controller makes of them: ExternalSecret, SealedSecret. */
const TEMPLATES = [
  ['spec', 'target', 'template'],
  ['spec', 'template'],
]

/** A field of a Secret, in clear text. */
export function readSecretField(object: unknown, field: string): string | undefined {
  const text = stringAt(object, ['stringData', field])
  if (text !== undefined) return text
  const encoded = stringAt(object, ['data', field])
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8')
}

/** What one declaration adds to a list of the project; `project` is undefined where it is not in clear text. */
interface Scoped {
  readonly project: string | undefined
  readonly field: 'sourceRepos' | 'destinations'
  readonly entries: readonly Value[]
}

/**
 * Adds to a project what is declared for it, and everything where that is not in clear text. Source: argo-cd 3.6
 * util/argo/argo.go, GetAppProjectByName.
 */
export function createScoper(resources: readonly Resource[]): (project: Resource) => Resource {
  const scoped = resources.flatMap(readScoped)
  const widened = new Map<Resource, Resource>()
  return project => {
    const known = widened.get(project) ?? widen(project, scoped)
    widened.set(project, known)
    return known
  }
}

function widen(project: Resource, scoped: readonly Scoped[]): Resource {
  const own = scoped.filter(one => one.project === undefined || one.project === project.name)
  if (own.length === 0) return project
  const spec: Record<string, unknown> = { ...Object(valueAt(project.object, ['spec'])) }
  for (const { field, entries } of own) spec[field] = [...listAt(spec, [field]), ...entries]
  return { ...project, object: { ...project.object, spec } as KubernetesObject }
}

function readScoped(resource: Resource): readonly Scoped[] {
  const { object, group, kind } = resource
  if (group === '' && kind === 'Secret') return readSecret(object)
  const template = TEMPLATES.map(path => mappingAt(object, path)).find(one => typeOf(one) !== undefined)
  if (!template) return []
  const project = stringAt(template, ['data', 'project'])
  const isHidden =
    valueAt(object, ['spec', 'encryptedData', 'project']) !== undefined ||
    listAt(object, ['spec', 'dataFrom']).length > 0 ||
    listAt(object, ['spec', 'data']).some(one => valueAt(one, ['secretKey']) === 'project')
  if (project === undefined && !isHidden) return []
  return [everything(project?.includes('{{') ? undefined : project, typeOf(template))]
}

const typeOf = (object: unknown): string | undefined => stringAt(object, ['metadata', 'labels', TYPE])

const everything = (project: string | undefined, type: string | undefined): Scoped =>
  type === 'cluster'
    ? { project, field: 'destinations', entries: [{ server: '*', namespace: '*' }] }
    : { project, field: 'sourceRepos', entries: ['*'] }

function readSecret(object: unknown): readonly Scoped[] {
  const type = typeOf(object)
  const project = readSecretField(object, 'project')
  if ((type !== 'repository' && type !== 'cluster') || !project) return []
  const address = readSecretField(object, type === 'cluster' ? 'server' : 'url') ?? ''
  if (ENCRYPTED.test(project) || ENCRYPTED.test(address))
    return [everything(ENCRYPTED.test(project) ? undefined : project, type)]
  if (type === 'repository') return [{ project, field: 'sourceRepos', entries: [address] }]
  const namespaces = readSecretField(object, 'namespaces')
    ?.split(',')
    .map(one => one.trim()) ?? ['*']
  const entries = namespaces.map(namespace => ({ server: address, namespace }))
  return [{ project, field: 'destinations', entries }]
}
