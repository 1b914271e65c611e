// Objects that something completes between the build and the API server: what they lack here is not known.
import { posix } from 'node:path'
import type { Renderings } from '../tree/engine.ts'
import { isTemplateFolder } from '../tree/kustomize/graph/follow.ts'
import { COPIED_FIRST, EMPTIED, WRITTEN_FIRST } from '../tree/kustomize/graph/kustomization.ts'
import { RECIPE } from '../tree/recipes.ts'
import { SourceFile } from '../tree/source/source-file.ts'
import type { Build, Resource } from '../tree/model/build.ts'
import { listAt, stringAt, valueAt } from '../tree/model/build.ts'
import { type Fault, isResourcePlace } from '../tree/model/place.ts'
import { findAgents, findCarried, findOpenGates } from './cluster-traits.ts'
import { findFlux } from './flux.ts'
import { findForms, isAlone } from './idle-kustomizations.ts'

export interface Completion {
  /** Why what a fault says may not hold once the object is complete; undefined where nothing completes it. */
  of(fault: Fault, resource: Resource): string | undefined
  /** The same of what is said of a kustomization and its files. */
  ofFile(fault: Fault): string | undefined
}

export function findCompletion(builds: readonly Build[], { tree }: Pick<Renderings, 'tree'>): Completion {
  const flux = findFlux(builds)
  const isAdmitted = findWebhooks(builds)
  const lacksPatch = findLost(tree, PATCHES, isWrittenFirst)
  const lacksFile = findLost(tree, GENERATORS, () => true)
  const isBase = findBases(tree)
  const isCreated = findCreated(tree)
  const isBundled = findBundled(builds)
  const isInjected = findInjected(builds)
  const isInstalled = findInstalled(builds)
  const isCarried = findCarried(tree)
  const isOpen = findOpenGates(tree)
  const isAgent = findAgents(tree)
  const isForm = findForms(tree)
  const isPatched = findPatched(tree)
  const brings = (folder: string): boolean =>
    tree.graph
      .reach(folder)
      .some(({ files, value }) =>
        [files.some(({ reference }) => reference.content === 'resource'), ...BRINGING.map(field => value[field])].some(
          Boolean,
        ),
      )
  const of: Completion['of'] = (fault, resource) => {
    if (isInstalled(fault, resource)) return 'a port of a container that OLM installs'
    if (isInjected(fault)) return 'a port of a container that a SidecarSet adds'
    if (isMissing(fault) && flux.patches(resource)) return 'an object that Flux patches: what it lacks is not known'
    if ((MOVED_RULES.has(fault.ruleId) || isOfSubject(fault)) && flux.moves(resource))
      return 'an object that Flux moves to another namespace'
    if ((flux.isUsed && isOfPart(fault, resource)) || (isAdded(fault) && isMerged(resource)))
      return 'a part of an object, which Flux lays over the whole'
    if (
      isMissing(fault) &&
      flux.isUsed &&
      !flux.reads(resource.build) &&
      isPatched(resource.kind, String(fault.values[1]))
    )
      return 'an object that nothing deploys, of a kind that elsewhere a patch completes'
    if (isMissing(fault) && isAdmitted(resource)) return 'an object that a mutating webhook completes'
    if ((isAdded(fault) || isOfVolume(fault)) && lacksPatch(resource.build))
      return 'an object whose patch is written before the build'
    if (isAdded(fault) && isGenerated(resource) && lacksFile(resource.build))
      return 'an object that is generated of a file which is missing'
    if (isUnknownField(fault) && isBundled(resource)) return 'a webhook of which operator-sdk makes a part of a bundle'
    if (isCreated(fault)) return 'an object that a script of the tree creates'
    if ((isAdded(fault) || fault.ruleId === 'lost-name-reference') && isBase(resource.build))
      return 'an object of a base that no build reads'
    if (isNamespaceName(fault, resource) && isBase(resource.build))
      return 'a name that a build gives to the Namespace of its base'
    if ((isAdded(fault) || fault.ruleId === 'pod-security') && isCarried(resource))
      return 'an object that a program of the tree completes'
    if (isAgent(fault)) return 'a Pod to which Jenkins gives a name'
    if (PATH_RULES.has(fault.ruleId) && tree.makes(`${fault.values[0]}/kustomization.yaml`))
      return 'a folder that a script of the tree makes'
    if (isOpen(fault)) return 'a value behind a gate of Kubernetes that the tree opens'
    return undefined
  }
  const ofFile: Completion['ofFile'] = fault => {
    const { lacks, values, builds: readers = [] } = fault
    if (values.includes(WRITTEN_FIRST)) return 'a file that another program writes or fills in before the build'
    if ((values.includes(COPIED_FIRST) && readers.every(isTemplateFolder)) || isForm(fault))
      return 'a template: what it names lies where it is copied to'
    if (values.includes(EMPTIED) && isAlone(fault, flux, tree.graph))
      return 'a kustomization that nothing builds, with all its entries in comments'
    if (readers.length === 0 || lacks !== 'target') return undefined
    if (readers.every(build => flux.adds(build))) return 'a build to which Flux adds components'
    return readers.every(build => !brings(build))
      ? 'patches without resources: another program brings these'
      : undefined
  }
  return { of, ofFile }
}

/** Whether a kustomization writes a field into all objects of a kind that it has, whatever their names. */
function findPatched({ graph, sources }: Renderings['tree']): (kind: string, field: string) => boolean {
  let texts: ReadonlyMap<string | undefined, readonly string[]> | undefined
  const list = (): NonNullable<typeof texts> => {
    const found = [...graph.kustomizations.values()].flatMap(({ folder, value }) =>
      listAt(value, ['patches'])
        .filter(patch => valueAt(patch, ['target', 'name']) === undefined)
        .map(patch => ({ kind: stringAt(patch, ['target', 'kind']), text: readPatch(folder, patch) })),
    )
    const kinds = Map.groupBy(found, ({ kind }) => kind)
    return new Map([...kinds].map(([kind, patches]) => [kind, patches.map(({ text }) => text)]))
  }
  const readPatch = (folder: string, patch: unknown): string => {
    const path = stringAt(patch, ['path'])
    const file = path === undefined ? undefined : sources.read(posix.join(folder, path))
    return file instanceof SourceFile ? file.text : (stringAt(patch, ['patch']) ?? '')
  }
  return (kind, field) => {
    texts ??= list()
    return texts.get(kind)?.some(text => text.includes(field)) === true
  }
}

const PATH_RULES: ReadonlySet<string> = new Set(['application-path-missing', 'flux-path-missing'])

/** Fields by which a kustomization brings objects, besides files and folders. */
const BRINGING = ['configMapGenerator', 'secretGenerator', 'generators', 'helmCharts', 'helmChartInflationGenerator']

/** Whether a build is a folder that is called a base, and stands for nothing until another one reads it. */
function findBases({ roots }: Renderings['tree']): (build: string) => boolean {
  const known = new Set(roots.filter(root => root.split('/').some(name => /^_?bases?$/.test(name))))
  return build => known.has(build)
}

export const isMissing = ({ ruleId, values: [keyword] }: Fault): boolean =>
  ruleId === 'schema-validation' && keyword === 'required'

const isUnknownField = ({ ruleId, values: [keyword] }: Fault): boolean =>
  ruleId === 'schema-validation' && keyword === 'additionalProperties'

/** Webhooks beside a ClusterServiceVersion are read by operator-sdk, and not by an API server: OLM makes them anew. */
function findBundled(builds: readonly Build[]): (resource: Resource) => boolean {
  const bundles = new Set(
    builds.filter(one => one.resources.some(({ kind }) => kind === 'ClusterServiceVersion')).map(({ id }) => id),
  )
  return ({ build, kind }) => bundles.has(build) && kind.endsWith('WebhookConfiguration')
}

/** A SidecarSet of OpenKruise puts its containers into pods when they are made. */
function findInjected(builds: readonly Build[]): (fault: Fault) => boolean {
  const resources = builds.flatMap(one => one.resources.filter(({ kind }) => kind === 'SidecarSet'))
  const names = listPortNames(resources.flatMap(({ object }) => listAt(object, ['spec', 'containers'])))
  return fault => isOfPortName(fault, names)
}

/** A ClusterServiceVersion has the Deployments of its bundle in itself: the manifests beside it are for their pods. */
function findInstalled(builds: readonly Build[]): (fault: Fault, resource: Resource) => boolean {
  const byBuild = new Map(
    builds.flatMap(({ id, resources }) => {
      const versions = resources.filter(({ kind }) => kind === 'ClusterServiceVersion')
      const containers = versions
        .flatMap(({ object }) => listAt(object, ['spec', 'install', 'spec', 'deployments']))
        .flatMap(one => listAt(one, ['spec', 'template', 'spec', 'containers']))
      return versions.length ? [[id, listPortNames(containers)]] : []
    }),
  )
  return (fault, { build }) => isOfPortName(fault, byBuild.get(build) ?? new Set())
}

const listPortNames = (containers: readonly unknown[]): ReadonlySet<unknown> =>
  new Set(containers.flatMap(container => listAt(container, ['ports']).map(port => valueAt(port, ['name']))))

const isOfPortName = ({ ruleId, places: [place] }: Fault, names: ReadonlySet<unknown>): boolean =>
  ruleId === 'dangling-target-port' &&
  isResourcePlace(place) &&
  names.has(valueAt(place.resource.object, place.fieldPath))

/** Flux's word for an object that others have made, of which it writes a few fields. */
const isMerged = ({ object }: Resource): boolean =>
  /^merge$/i.test(stringAt(object, ['metadata', 'annotations', 'kustomize.toolkit.fluxcd.io/ssa']) ?? '')

/** What another file may add. */
export const isAdded = (fault: Fault): boolean => isMissing(fault) || fault.lacks === 'field'

/** A build that says its namespace gives that name to the Namespace as well. */
const isNamespaceName = ({ places: [{ fieldPath }] }: Fault, { group, kind }: Resource): boolean =>
  group === '' && kind === 'Namespace' && fieldPath.join() === 'metadata,name'

/** What makes an object of a kind one: whoever says nothing of it says what is to change in one that is there. */
const CORE: Readonly<Record<string, readonly string[]>> = {
  Service: ['ports', 'selector', 'type', 'clusterIP', 'externalName'],
  Deployment: ['selector', 'template'],
  StatefulSet: ['selector', 'template', 'serviceName'],
  DaemonSet: ['selector', 'template'],
}

/** Flux applies on the server, where what others have written of an object stays. */
function isOfPart({ places: [{ fieldPath }] }: Fault, { kind, object }: Resource): boolean {
  const core = CORE[kind]
  const spec = Object.keys(Object(valueAt(object, ['spec'])))
  return core?.includes(String(fieldPath[1])) === true && spec.length > 0 && !spec.some(field => core.includes(field))
}

/** kustomize writes it where it gives a namespace to an account of the same build. */
/** What is said of names in a namespace. */
const MOVED_RULES: ReadonlySet<string> = new Set(['lost-name-reference', 'dangling-custom-reference'])

const isOfSubject = ({ lacks, places: [{ fieldPath }] }: Fault): boolean =>
  lacks === 'field' && fieldPath[0] === 'subjects' && fieldPath.length === 3 && fieldPath[2] === 'namespace'

/** A mount without its volume, which is another entry of the pod. */
const isOfVolume = ({ lacks }: Fault): boolean => lacks === 'volume'

/**
 * Custom resources that a webhook of the tree changes. Its program may add what the schema requires, since that is asked
 * after it: the webhooks of Knative and Tekton write out every field. One without rules has them from its program, for the
 * definitions beside it and the group that it is called after.
 */
function findWebhooks(builds: readonly Build[]): (resource: Resource) => boolean {
  const groups = new Set<string>()
  const names: string[] = []
  for (const { resources } of builds) {
    const hooks = resources
      .filter(({ kind }) => kind === 'MutatingWebhookConfiguration')
      .flatMap(({ object }) => listAt(object, ['webhooks']))
    for (const hook of hooks)
      for (const rule of listAt(hook, ['rules']))
        for (const group of listAt(rule, ['apiGroups'])) groups.add(String(group))
    const open = hooks.filter(hook => listAt(hook, ['rules']).length === 0)
    if (open.length === 0) continue
    names.push(...open.map(hook => stringAt(hook, ['name']) ?? ''))
    for (const { kind, object } of resources)
      if (kind === 'CustomResourceDefinition') groups.add(stringAt(object, ['spec', 'group']) ?? '')
  }
  return ({ group }) => group.includes('.') && (groups.has(group) || names.some(name => name.endsWith(`.${group}`)))
}

/** `kubectl create configmap NAME`, `kubectl -n web create secret generic NAME`. */
const CREATE = /\bkubectl\b[^\n|;&]{0,300}\bcreate\s+(configmap|cm|secret|serviceaccount|sa)\b([^\n|;&]*)/gi

/** `resource "kubernetes_persistent_volume_claim" "web" { metadata { name = "NAME" } }` of Terraform. */
const DECLARE =
  /\bresource[ \t]+"kubernetes_([a-z_]+?)(?:_v\d+)?"[ \t]+"[^"\n]{1,100}"\s{0,20}\{\s{0,20}metadata\s{0,20}\{[^}]{0,1000}?\bname\s{0,40}=\s{0,20}"([a-z0-9][a-z0-9.-]{0,252})"/g

const CREATED: Readonly<Record<string, string>> = { cm: 'configmap', sa: 'serviceaccount' }

/** Whether what is missing is made by a recipe before the tree is applied. Recipes are read when something is missing. */
function findCreated({ sources, paths }: Renderings['tree']): (fault: Fault) => boolean {
  let created: ReadonlySet<string> | undefined
  const list = (): ReadonlySet<string> => {
    const found = new Set<string>()
    for (const path of paths.filter(one => RECIPE.test(one) || one.endsWith('.tf'))) {
      const file = sources.fork().read(path)
      if (!(file instanceof SourceFile)) continue
      if (path.endsWith('.tf'))
        for (const [, kind = '', name] of file.text.matchAll(DECLARE)) found.add(`${kind.replaceAll('_', '')} ${name}`)
      if (!file.holds('kubectl')) continue
      for (const [, kind = '', rest = ''] of file.text.matchAll(CREATE))
        for (const [word] of rest.matchAll(/[a-z0-9][a-z0-9.-]*/g))
          found.add(`${CREATED[kind.toLowerCase()] ?? kind.toLowerCase()} ${word}`)
    }
    return found
  }
  return ({ ruleId, values: [kind, name] }) => {
    if (!MISSING.has(ruleId)) return false
    created ??= list()
    return created.has(`${String(kind).toLowerCase()} ${name}`)
  }
}

const MISSING = new Set([
  'dangling-config-reference',
  'non-existent-service-account',
  'dangling-claim',
  'dangling-storage-class',
  'dangling-priority-class',
])

const PATCHES = new Set(['patches', 'patchesStrategicMerge', 'patchesJson6902', 'components', 'transformers'])

const GENERATORS = new Set(['configMapGenerator', 'secretGenerator'])

const isGenerated = ({ group, kind }: Resource): boolean => group === '' && (kind === 'ConfigMap' || kind === 'Secret')

const isWrittenFirst = ({ values }: Fault): boolean => values.includes(WRITTEN_FIRST)

/** Whether an entry in some fields of a kustomization, which a build reads, has such a fault. */
function findLost(
  { graph }: Renderings['tree'],
  fields: ReadonlySet<string>,
  isLost: (fault: Fault) => boolean,
): (build: string) => boolean {
  const known = new Map<string, boolean>()
  const isOne = (fault: Fault): boolean => {
    const [place] = fault.places
    return !isResourcePlace(place) && fields.has(String(place.fieldPath[0])) && isLost(fault)
  }
  return build => {
    const found = known.get(build) ?? graph.reach(build).some(({ ownFaults }) => ownFaults.some(isOne))
    known.set(build, found)
    return found
  }
}
