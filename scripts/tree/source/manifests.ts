// Finds manifests that no kustomization reads: documents with apiVersion and kind, as `kubectl apply -f` takes them.
import { posix } from 'node:path'
import { fileOf, type NotExamined, type SourcePlace } from '../model/place.ts'
import type { KubernetesObject, Value } from '../model/resource.ts'
import { findBooleanKeys, type TextFault } from './yaml/parse.ts'
import type { Sources } from './sources.ts'
import { SourceFile } from './source-file.ts'
import { isLocked, isTemplate } from './template.ts'

export interface LooseDocument {
  readonly file: SourceFile
  readonly document: number
  /** Set for an item of a list. */
  readonly item?: number
  readonly object: KubernetesObject
}

export interface LooseManifests {
  readonly documents: readonly LooseDocument[]
  /** Manifests beside a kustomization that does not list them: nothing deploys them. */
  readonly unlisted: readonly LooseDocument[]
  readonly faults: readonly TextFaultOf[]
  /** Keys that mean another thing than they say. */
  readonly booleanKeys: readonly BooleanKey[]
  readonly notExamined: readonly NotExamined[]
  /** Files that look like manifests, and of which nothing could be read. */
  readonly unread: readonly string[]
}

export interface TextFaultOf {
  readonly file: SourceFile
  readonly fault: TextFault
}

export interface BooleanKey {
  readonly file: SourceFile
  readonly offset: number
  readonly key: string
  readonly meaning: 'true' | 'false'
}

const MANIFEST_NAME = /\.(?:ya?ml|json)$/
const MARKS = ['apiVersion', 'kind', 'metadata'].map(key => new RegExp(`(?:^|[\\s{,])["']?${key}["']?\\s*:`))

const API_VERSION_KEY = /(?:^|[{,])\s*["']?apiVersion["']?\s*:/m
const KIND_KEY = /(?:^|[{,])\s*["']?kind["']?\s*:/m

/** Two of the three keys: so that a misspelt one is found instead of hiding the file. */
const looksLikeManifest = (text: string): boolean => MARKS.filter(mark => mark.test(text)).length >= 2

/** API groups that are read by programs and never by an API server. */
const CONFIGURATION_GROUPS = [
  /^kind\.x-k8s\.io$/,
  /^k3d\.io$/,
  /^ctlptl\.dev$/,
  /^skaffold$/,
  /^backstage\.io$/,
  /^kustomize\.config\.k8s\.io$/,
  /^config\.kubernetes\.io$/,
  /^builtin$/,
  /^viaduct\.ai$/,
  /^kubeadm\.k8s\.io$/,
  /^(?:kubelet|kubeproxy|kubescheduler|apiserver|client|controllermanager)\.config\.k8s\.io$/,
  /^audit\.k8s\.io$/,
  /^client\.authentication\.k8s\.io$/,
  /^cli\.kyverno\.io$/,
  /^conftest$/,
  /^eksctl\.io$/,
  /^tilt\.dev$/,
  /^kuttl\.dev$/,
  /^chainsaw\.kyverno\.io$/,
  /^mirror\.openshift\.io$/,
  /^k0sctl\.k0sproject\.io$/,
  /^cluster\.gitops-tools$/,
  /^krm\.kcl\.dev$/,
]

/** Objects of a group that otherwise has real ones. */
const CONFIGURATIONS = new Set([
  'v1/Config',
  // `oc process` reads it. OpenShift serves templates in a group.
  'v1/Template',
  'argoproj.io/v1alpha1/ConfigManagementPlugin',
  'install.istio.io/v1alpha1/IstioOperator',
  'datreeio/v1/Policies',
])

const isConfiguration = (apiVersion: string, kind: string): boolean =>
  CONFIGURATIONS.has(`${apiVersion}/${kind}`) ||
  // A Kustomization in a file of another name belongs to kustomize, too.
  (apiVersion.startsWith('kustomize.config.k8s.io/') && kind !== '') ||
  CONFIGURATION_GROUPS.some(group => group.test(apiVersion.split('/')[0] ?? ''))

/**
 * An OpenShift cluster is installed by a file without a kind, Hive is given patches with the name of what they patch, and
 * operators read defaults that are written like their own objects and have no name; scorecard reads the version of its
 * configuration in any case.
 */
const isInput = (object: KubernetesObject): boolean =>
  (object.kind === '' && Object.hasOwn(object, 'baseDomain')) ||
  (object.kind === 'Configuration' && Object.hasOwn(object, 'apiversion') && Object.hasOwn(object, 'stages')) ||
  (object.metadata === undefined &&
    ((Object.hasOwn(object, 'patch') && Object.hasOwn(object, 'patchType')) || CUSTOM_GROUP.test(object.apiVersion)))

/** A group that Kubernetes and Argo CD do not have. */
const CUSTOM_GROUP = /^(?!argoproj\.io\/|[\w-]+(?:\.[\w-]+)*\.k8s\.io\/)[\w-]+(?:\.[\w-]+)+\//

/** What `kubectl get` prints of a cluster, as JSON or in a list: a backup, a record. Nobody writes manifests so. */
const isCopied = (object: KubernetesObject): boolean =>
  ['uid', 'resourceVersion'].every(field => typeof metadataOf(object, field) === 'string')

const COPY = 'a copy of what a cluster had'

const metadataOf = ({ metadata }: KubernetesObject, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined,
    metadata,
  )

/** What kustomizations have to do with a path. */
export interface Listing {
  /** A kustomization reads it. */
  isRead(path: string): boolean
  /** The kustomization file that would list it, and does not; itself for a patch; undefined where it is a manifest. */
  passedOverBy(path: string): string | undefined
}

/** Reads the paths that may hold manifests, and that no kustomization takes. */
export function readLooseManifests(sources: Sources, paths: readonly string[], listing: Listing): LooseManifests {
  const found: Found = { documents: [], faults: [], booleanKeys: [], notExamined: [], unread: [] }
  const passedOver: Found = { documents: [], faults: [], booleanKeys: [], notExamined: [], unread: [] }
  const unlisted = new Map<string, string[]>()
  const { notExamined } = found
  const charts = paths.filter(path => posix.basename(path) === 'Chart.yaml').map(path => posix.dirname(path))
  for (const chart of charts) {
    const file = chart === '.' ? 'Chart.yaml' : `${chart}/Chart.yaml`
    notExamined.push({
      place: fileOf(file),
      reason: 'a Helm chart that no Application of the tree renders: its templates are not examined',
    })
  }
  const isOfChart = (path: string): boolean =>
    charts.some(chart =>
      ['templates', 'charts'].some(name => path.startsWith(chart === '.' ? `${name}/` : `${chart}/${name}/`)),
    )
  for (const path of paths) {
    if (!MANIFEST_NAME.test(path) || listing.isRead(path) || isOfChart(path)) continue
    const file = sources.read(path)
    if (!(file instanceof SourceFile)) {
      notExamined.push({ place: fileOf(path), reason: file.reason })
      continue
    }
    if (isLocked(file.bytes)) {
      notExamined.push({ place: fileOf(path), reason: 'a file that git-crypt has encrypted' })
      continue
    }
    if (file.fault ? path.endsWith('.json') : !looksLikeManifest(file.text)) continue
    if (/(?:^|\/)\.[^/]/.test(path)) {
      notExamined.push({ place: fileOf(path), reason: 'a hidden file: a tool reads it, and nothing deploys it' })
      continue
    }
    const lister = listing.passedOverBy(path) ?? (DIRECTIVE.test(file.text) ? path : undefined)
    // What deploys others may have any name.
    if (lister === undefined || (lister === path && ARGOCD_KIND.test(file.text))) readFile(file, found)
    else {
      const before = passedOver.documents.length
      readFile(file, passedOver)
      if (passedOver.documents.length > before) unlisted.set(lister, [...(unlisted.get(lister) ?? []), path])
    }
  }
  for (const [lister, files] of unlisted) {
    if (lister === files[0]) {
      notExamined.push({ place: fileOf(lister), reason: 'a patch that no kustomization reads' })
      continue
    }
    const more = files.length > 1 ? ` and ${files.length - 1} more` : ''
    const detail = `${files[0]}${more}`
    notExamined.push({ place: fileOf(lister), reason: 'not listed by the kustomization beside it', detail })
  }
  return { ...found, unlisted: passedOver.documents }
}

interface Found {
  readonly documents: LooseDocument[]
  readonly faults: TextFaultOf[]
  readonly booleanKeys: BooleanKey[]
  readonly notExamined: NotExamined[]
  readonly unread: string[]
}

/** What only a strategic merge patch says of a whole object. */
const DIRECTIVE = /^\$patch\s*:/m

const ARGOCD_KIND = /^\s*["']?kind["']?\s*:\s*["']?(?:Application|ApplicationSet|AppProject)\b/m

/** A key as YAML 1.1 may take it for a boolean, at the start of a line or in braces. */
const MAYBE_BOOLEAN = /(?:^|[{,])\s*(?:- +)*(?:y|n|yes|no|on|off)\s*:/im

/**
 * `image: #{IMAGE}`, a variable that YAML takes for a comment, and `image: #@ data.values.image`, as ytt writes it: what is
 * filled in is not missing.
 */
const MUTED =
  /(?::|-)[ \t]+#(?:\{[A-Za-z][\w.]*\}|@[ \t])|^[ \t]*#@[ \t]*(?:load\(|(?:if|for|def)\b.*:|end\b|overlay\/)/m

/** Of what stands between them, only one is there in the end. */
const BRANCHES = /\{[{%]-?\s*(?:if|else|end|range|for)\b/

const CHANCE = 'a template that is YAML by chance: what it renders is not known'

function readFile(file: SourceFile, { documents, faults, booleanKeys, notExamined, unread }: Found): void {
  const parsed = file.parse('kubectl')
  if (parsed.fault) {
    // Without both keys where a key may stand it is not a manifest, but text that mentions one.
    const isManifest = file.fault || (API_VERSION_KEY.test(file.text) && KIND_KEY.test(file.text))
    if (!isManifest) return
    unread.push(file.path)
    if (isTemplate(file.text)) {
      notExamined.push({ place: fileOf(file.path), reason: 'a template, not YAML: it is not rendered' })
    } else faults.push({ file, fault: parsed.fault })
    return
  }
  const known = documents.length
  // A key that is written twice is not what a cluster prints: somebody has edited it.
  const isPrinted = (parsed.blemishes ?? []).length === 0
  for (const [index, document] of parsed.documents.entries()) {
    const object = asObject(document)
    if (!object) continue
    const { apiVersion, kind } = object
    if (isConfiguration(apiVersion, kind) || isInput(object)) {
      const place: SourcePlace = { range: file.rangeOf(index, ['apiVersion']), fieldPath: ['apiVersion'] }
      notExamined.push({
        place,
        reason: "a program's configuration, not an object",
        detail: [apiVersion, kind].filter(Boolean).join(' '),
      })
    } else if (kind.endsWith('List') && Array.isArray(object.items)) {
      const items = (object.items as Value[]).map(asObject)
      if (isPrinted && items.some(item => item && isCopied(item))) {
        notExamined.push({ place: fileOf(file.path), reason: COPY })
      } else
        for (const [item, listed] of items.entries())
          if (listed) documents.push({ file, document: index, item, object: listed })
    } else if (isPrinted && file.path.endsWith('.json') && isCopied(object)) {
      notExamined.push({ place: fileOf(file.path), reason: COPY })
    } else if (metadataOf(object, 'annotations', 'config.kubernetes.io/local-config') === 'true') {
      notExamined.push({
        place: fileOf(file.path),
        reason: 'an input of kustomize, which it leaves out of what it builds',
      })
    } else documents.push({ file, document: index, object })
  }
  if (documents.length === known) return
  if (MUTED.test(file.text)) {
    documents.splice(known)
    unread.push(file.path)
    notExamined.push({ place: fileOf(file.path), reason: CHANCE })
    return
  }
  const blemishes = parsed.blemishes ?? []
  if (blemishes.length > 0 && BRANCHES.test(file.text)) {
    notExamined.push({ place: fileOf(file.path), reason: CHANCE })
  } else for (const fault of blemishes) faults.push({ file, fault })
  if (!MAYBE_BOOLEAN.test(file.text)) return
  for (const { key, meaning } of findBooleanKeys(file.trees)) {
    booleanKeys.push({ file, offset: key.start, key: key.text ?? '', meaning })
  }
}

/**
 * The object in a document, with empty strings for a missing apiVersion or kind; undefined for a document that is no
 * manifest: it lacks one of the two and has no metadata either.
 */
export function asObject(value: Value): KubernetesObject | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { apiVersion, kind, metadata } = value as { readonly [key: string]: Value }
  const isText = (field: Value | undefined): field is string => typeof field === 'string' && field !== ''
  const isComplete = isText(apiVersion) && isText(kind)
  if (!isComplete && !((isText(apiVersion) || isText(kind)) && typeof metadata === 'object' && metadata !== null))
    return undefined
  if (isComplete) return value as unknown as KubernetesObject
  return {
    ...(value as { readonly [key: string]: Value }),
    apiVersion: isText(apiVersion) ? apiVersion : '',
    kind: isText(kind) ? kind : '',
  } as KubernetesObject
}
