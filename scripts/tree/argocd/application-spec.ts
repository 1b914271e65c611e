// Checks an Application by itself, as the application controller does before it renders anything.
import type { FieldPath } from '../model/place.ts'
import { listAt, mappingAt, stringAt, valueAt } from '../model/build.ts'
import { closest } from '../model/closest.ts'
import { type ArgocdFault, refused, withoutEffect } from './fault.ts'
import { parseBackoff } from './go-time.ts'
import { checkMetadata, isDnsLabel } from './metadata.ts'
import { checkApplicationOptions } from './options.ts'
import { findUnknownReferences } from './source/unknown-references.ts'

/** Faults of a whole Application. Values of a wrong type are the schema's business. */
export function* checkApplication(object: unknown): Generator<ArgocdFault> {
  yield* checkMetadata(object)
  yield* checkFinalizers(object)
  yield* checkManagedBy(object)
  yield* checkApplicationSpec(valueAt(object, ['spec']), ['spec'])
}

/** Faults of `spec`; `at` is where it stands, which is the template's for an ApplicationSet. */
export function* checkApplicationSpec(spec: unknown, at: FieldPath): Generator<ArgocdFault> {
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) return
  yield* checkSources(spec, at)
  yield* checkDestination(spec, at)
  yield* checkApplicationOptions(spec, at)
  for (const field of ['duration', 'maxDuration']) {
    const text = stringAt(spec, ['syncPolicy', 'retry', 'backoff', field])
    if (!text || parseBackoff(text) !== undefined) continue
    const message = `${field} ${JSON.stringify(text)} is not a span such as 30s or 1h30m; there is no unit beyond hours`
    yield refused([...at, 'syncPolicy', 'retry', 'backoff', field], message, ['unreadable-span', text])
  }
}

/** The settings of a source that choose the tool; Argo CD takes one of them at most, an empty one too. */
const TOOLS = ['kustomize', 'helm', 'directory', 'plugin'] as const
export type SourceTool = (typeof TOOLS)[number]

export const listTools = (source: unknown): readonly SourceTool[] =>
  TOOLS.filter(tool => typeof valueAt(source, [tool]) === 'object' && valueAt(source, [tool]) !== null)

function* checkSources(spec: unknown, at: FieldPath): Generator<ArgocdFault> {
  const hydrator = mappingAt(spec, ['sourceHydrator'])
  if (hydrator) {
    yield* checkHydrator(hydrator, [...at, 'sourceHydrator'])
    return
  }
  const sources = listAt(spec, ['sources'])
  if (sources.length === 0) {
    const source = valueAt(spec, ['source'])
    if (source !== undefined && source !== null && typeof source !== 'object') return
    // A list of a wrong type is the schema's finding.
    if (source === undefined && valueAt(spec, ['sources']) !== undefined && !Array.isArray(valueAt(spec, ['sources'])))
      return
    yield* checkSource(source ?? {}, source ? [...at, 'source'] : at, false)
    return
  }
  if (mappingAt(spec, ['source'])) {
    yield withoutEffect([...at, 'source'], 'source is not read where sources are given', ['unread-source'])
  }
  yield* findUnknownReferences(sources, [...at, 'sources'])
  const references = new Set<string>()
  for (const [index, source] of sources.entries()) {
    const path = [...at, 'sources', index]
    yield* checkSource(source, path, true)
    const reference = stringAt(source, ['ref'])
    if (!reference) continue
    if (!/^[a-zA-Z0-9_-]+$/.test(reference)) {
      yield refused([...path, 'ref'], `ref ${JSON.stringify(reference)} may have letters, digits, - and _ only`, [
        'odd-ref',
        reference,
      ])
    } else if (references.has(reference))
      yield refused([...path, 'ref'], `two sources have the ref ${reference}`, ['repeated-ref', reference])
    references.add(reference)
  }
}

function* checkSource(source: unknown, at: FieldPath, isOneOfSeveral: boolean): Generator<ArgocdFault> {
  const isUnreadable = (field: string): boolean =>
    !['string', 'undefined'].includes(typeof (valueAt(source, [field]) ?? undefined))
  if (['repoURL', 'path', 'chart', 'ref', 'targetRevision'].some(isUnreadable)) return
  const read = (field: string): string => stringAt(source, [field]) ?? ''
  // A URL that is not there at all is the schema's finding where there is a source.
  const isUrlMissing = valueAt(source, ['repoURL']) === undefined && at.at(-1) !== 'spec'
  const needed = isOneOfSeveral ? ['path', 'chart', 'ref'] : ['path', 'chart']
  if (isUrlMissing) return
  if (read('repoURL') === '' || needed.every(field => read(field) === '')) {
    const fields = isOneOfSeveral ? 'path, chart or ref' : 'path or chart'
    const hint = read('ref') !== '' && !isOneOfSeveral ? '; ref is read in spec.sources only' : ''
    yield refused(at, `a source needs repoURL and ${fields}${hint}`, ['incomplete-source'])
    return
  }
  if (read('chart') !== '' && read('targetRevision') === '') {
    yield refused(at, 'a chart needs targetRevision, the version of the chart', ['chart-without-version'])
  }
  if (read('ref') !== '' && !isOneOfSeveral) {
    yield withoutEffect([...at, 'ref'], 'ref is not read: references need spec.sources', ['unread-ref'])
  }
  const tools = listTools(source)
  if (tools.length > 1) {
    const path = [...at, tools[1] ?? '']
    yield refused(
      path,
      `a source has settings of one tool only, this one of ${tools.join(' and ')}, even if they are empty`,
      ['several-tools', ...tools],
    )
  }
  yield* checkKustomizeSettings(valueAt(source, ['kustomize']), [...at, 'kustomize'])
}

function* checkHydrator(hydrator: unknown, at: FieldPath): Generator<ArgocdFault> {
  const required = [
    ['drySource', 'repoURL'],
    ['drySource', 'path'],
    ['drySource', 'targetRevision'],
    ['syncSource', 'targetBranch'],
    ['syncSource', 'path'],
    ['hydrateTo', 'targetBranch'],
  ] as const
  for (const path of required)
    if (stringAt(hydrator, path) === '')
      yield refused([...at, ...path], `${path.join('.')} is required`, ['empty-field'])
}

/** Settings that the repo-server reads itself, before kustomize sees any. */
function* checkKustomizeSettings(settings: unknown, at: FieldPath): Generator<ArgocdFault> {
  for (const [index, replica] of listAt(settings, ['replicas']).entries()) {
    const count = valueAt(replica, ['count'])
    if (typeof count !== 'string' || /^[+-]?[0-9]{1,18}$/.test(count)) continue
    yield refused([...at, 'replicas', index, 'count'], `count ${JSON.stringify(count)} is not an integer`, [
      'odd-count',
      count,
    ])
  }
  for (const [index, image] of listAt(settings, ['images']).entries()) {
    if (typeof image !== 'string') continue
    if (isImageOverride(image)) {
      if (image !== image.trimEnd()) {
        yield refused(
          [...at, 'images', index],
          `image ${JSON.stringify(image)} ends with a blank, which the API server refuses`,
          ['image-with-blank', image],
        )
      }
      continue
    }
    const message = `image ${JSON.stringify(image)}: write NAME:TAG, NAME@DIGEST or NAME=NEWNAME, with a tag or digest if you like`
    yield refused([...at, 'images', index], message, ['odd-image', image])
  }
  const kubeVersion = stringAt(settings, ['kubeVersion'])
  if (kubeVersion && !/^v?[0-9]+(?:\.[0-9]+){1,2}(?:[-+][0-9A-Za-z.+-]*)?$/.test(kubeVersion)) {
    yield refused([...at, 'kubeVersion'], `${kubeVersion} is not a version of Kubernetes`, ['odd-version', kubeVersion])
  }
  if (
    valueAt(settings, ['labelIncludeTemplates']) === true &&
    valueAt(settings, ['labelWithoutSelector']) !== true &&
    Object.keys(mappingAt(settings, ['commonLabels']) ?? {}).length > 0
  ) {
    yield refused([...at, 'labelIncludeTemplates'], 'labelIncludeTemplates needs labelWithoutSelector', [
      'lone-setting',
    ])
  }
}

/** What `kustomize edit set image` takes. */
export const isImageOverride = (text: string): boolean => text.startsWith('--') || /[=:@]/.test(text)

function* checkDestination(spec: unknown, at: FieldPath): Generator<ArgocdFault> {
  const destination = mappingAt(spec, ['destination'])
  if (!destination) return
  const namespace = stringAt(destination, ['namespace'])
  if (namespace && !isDnsLabel(namespace) && !namespace.includes('{{')) {
    yield refused([...at, 'destination', 'namespace'], `${JSON.stringify(namespace)} is not the name of a namespace`, [
      'odd-namespace',
      namespace,
    ])
  }
  const [server, name] = [valueAt(destination, ['server']), valueAt(destination, ['name'])]
  if ([server, name].some(one => one !== undefined && one !== null && typeof one !== 'string')) return
  if (server && name) {
    yield refused([...at, 'destination', 'name'], 'a destination has a name or a server, not both', [
      'two-destinations',
    ])
  } else if (!server && !name)
    yield refused([...at, 'destination'], 'a destination needs a server or a name', ['no-destination'])
}

/** The finalizers that Argo CD acts on. One of the last two may have a stage after a slash. */
const FINALIZERS = [
  'resources-finalizer.argocd.argoproj.io',
  'resources-finalizer.argocd.argoproj.io/foreground',
  'resources-finalizer.argocd.argoproj.io/background',
  'pre-delete-finalizer.argocd.argoproj.io',
  'post-delete-finalizer.argocd.argoproj.io',
] as const

function* checkFinalizers(object: unknown): Generator<ArgocdFault> {
  for (const [index, finalizer] of listAt(object, ['metadata', 'finalizers']).entries()) {
    if (typeof finalizer !== 'string' || !/^[A-Za-z0-9]/.test(finalizer) || /\s/.test(finalizer)) continue
    const isKnown =
      FINALIZERS.some(known => known === finalizer) ||
      /^(?:pre|post)-delete-finalizer\.argocd\.argoproj\.io\/[^/]+$/.test(finalizer)
    if (isKnown || OF_KUBERNETES.includes(finalizer)) continue
    const near = closest(finalizer, FINALIZERS)
    const message = `Argo CD does not know the finalizer ${finalizer}: it deletes nothing for it, and does not remove it`
    yield withoutEffect(['metadata', 'finalizers', index], `${message}${near ? `; did you mean ${near}?` : ''}`, [
      'unknown-finalizer',
      finalizer,
    ])
  }
}

/** Kubernetes itself acts on these. */
const OF_KUBERNETES = ['foregroundDeletion', 'orphan']

function* checkManagedBy(object: unknown): Generator<ArgocdFault> {
  const name = 'argocd.argoproj.io/managed-by-url'
  const url = stringAt(object, ['metadata', 'annotations', name])
  if (!url || /^https?:/i.test(url)) return
  yield refused(['metadata', 'annotations', name], `${JSON.stringify(url)} is not a URL of http or https`, [
    'odd-url',
    url,
  ])
}
