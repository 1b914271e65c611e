// Knows the options that Argo CD asks for, on Applications and on resources, and finds those that nobody asks for.
import type { FieldPath } from '../model/place.ts'
import { listAt, stringAt, valueAt } from '../model/build.ts'
import { closest } from '../model/closest.ts'
import { type ArgocdFault, withoutEffect } from './fault.ts'

const BOOLEAN = ['true', 'false'] as const
const CONFIRMED = ['true', 'false', 'confirm'] as const

/** Options of `spec.syncPolicy.syncOptions`, which are compared as a whole. */
export const APPLICATION_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  CreateNamespace: BOOLEAN,
  Validate: BOOLEAN,
  PruneLast: BOOLEAN,
  ApplyOutOfSyncOnly: BOOLEAN,
  Replace: BOOLEAN,
  ServerSideApply: BOOLEAN,
  ClientSideApplyMigration: BOOLEAN,
  SkipDryRunOnMissingResource: BOOLEAN,
  RespectIgnoreDifferences: BOOLEAN,
  FailOnSharedResource: BOOLEAN,
  Prune: CONFIRMED,
  Delete: CONFIRMED,
  PrunePropagationPolicy: ['foreground', 'background', 'orphan'],
}

/** Options of the annotation `argocd.argoproj.io/sync-options`. */
export const RESOURCE_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  Validate: BOOLEAN,
  PruneLast: BOOLEAN,
  Replace: BOOLEAN,
  Force: BOOLEAN,
  ServerSideApply: BOOLEAN,
  SkipDryRunOnMissingResource: BOOLEAN,
  Prune: CONFIRMED,
  Delete: CONFIRMED,
}

/** Options of the annotation `argocd.argoproj.io/compare-options` of a resource, and of an Application. */
const RESOURCE_COMPARE_OPTIONS = ['IgnoreExtraneous']
const APPLICATION_COMPARE_OPTIONS = [
  'ServerSideDiff=true',
  'ServerSideDiff=false',
  'IncludeMutationWebhook=true',
  'IncludeMutationWebhook=false',
]

/** Of these Argo CD takes the first that is there. */
const FIRST_WINS = new Set(['Prune', 'Delete'])

export const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options'
export const COMPARE_OPTIONS = 'argocd.argoproj.io/compare-options'

export function* checkApplicationOptions(spec: unknown, at: FieldPath): Generator<ArgocdFault> {
  const written = listAt(spec, ['syncPolicy', 'syncOptions'])
  const firsts = new Set<string>()
  for (const [index, option] of written.entries()) {
    if (typeof option !== 'string') continue
    const path = [...at, 'syncPolicy', 'syncOptions', index]
    const [name = ''] = option.split('=')
    const fault = explainOption(option, APPLICATION_OPTIONS, RESOURCE_OPTIONS, 'on single resources')
    if (fault) yield withoutEffect(path, fault, ['unread-option', option])
    else if (firsts.has(name))
      yield withoutEffect(path, `${option} has no effect after another ${name}`, ['second-option', option])
    if (FIRST_WINS.has(name)) firsts.add(name)
  }
  const metadata = valueAt(spec, ['syncPolicy', 'managedNamespaceMetadata'])
  if (typeof metadata === 'object' && metadata !== null && !written.includes('CreateNamespace=true')) {
    const message = 'managedNamespaceMetadata has no effect without the option CreateNamespace=true'
    yield withoutEffect([...at, 'syncPolicy', 'managedNamespaceMetadata'], message, ['lone-setting'])
  }
}

export function* checkResourceOptions(object: unknown, isApplication: boolean): Generator<ArgocdFault> {
  const firsts = new Set<string>()
  const syncPath: FieldPath = ['metadata', 'annotations', SYNC_OPTIONS]
  for (const option of readList(object, SYNC_OPTIONS)) {
    const [name = ''] = option.split('=')
    const fault = explainOption(option, RESOURCE_OPTIONS, APPLICATION_OPTIONS, 'in spec.syncPolicy of an Application')
    if (fault) yield withoutEffect(syncPath, fault, ['unread-option', option])
    else if (firsts.has(name))
      yield withoutEffect(syncPath, `${option} has no effect after another ${name}`, ['second-option', option])
    if (FIRST_WINS.has(name)) firsts.add(name)
  }
  // Those of an Application are for its comparison, and it may itself be a resource of another one.
  const known = isApplication ? APPLICATION_COMPARE_OPTIONS : RESOURCE_COMPARE_OPTIONS
  for (const option of readList(object, COMPARE_OPTIONS)) {
    if (known.includes(option)) continue
    const isElsewhere = (isApplication ? RESOURCE_COMPARE_OPTIONS : APPLICATION_COMPARE_OPTIONS).includes(option)
    const where = isApplication ? 'on resources' : 'on Applications'
    const near = closest(option, known)
    const hint = isElsewhere ? `, it is read ${where} only` : near ? `; did you mean ${near}?` : ''
    const message = `nothing asks for the option ${option}${hint}`
    yield withoutEffect(['metadata', 'annotations', COMPARE_OPTIONS], message, ['unread-option', option])
  }
}

function explainOption(
  option: string,
  known: Readonly<Record<string, readonly string[]>>,
  elsewhere: Readonly<Record<string, readonly string[]>>,
  where: string,
): string | undefined {
  const cut = option.indexOf('=')
  const name = cut < 0 ? option : option.slice(0, cut)
  const value = cut < 0 ? undefined : option.slice(cut + 1)
  if (value !== undefined && Object.hasOwn(known, name) && known[name]?.includes(value)) return undefined
  const shown = JSON.stringify(option)
  const all = Object.entries(known).flatMap(([key, values]) => values.map(one => `${key}=${one}`))
  const isElsewhere = Object.hasOwn(elsewhere, name) && !Object.hasOwn(known, name)
  if (isElsewhere) return `nothing asks for the option ${shown} here, it is read ${where} only`
  const folded = option.replace(/\s/g, '').toLowerCase()
  const near = all.find(one => one.toLowerCase() === folded) ?? closest(option, all)
  return `nothing asks for the option ${shown}${near ? `; did you mean ${near}?` : ''}`
}

/** The values of an annotation that is a list with commas. */
export function readList(object: unknown, annotation: string): readonly string[] {
  const text = stringAt(object, ['metadata', 'annotations', annotation]) ?? ''
  return [...new Set(text.split(',').map(one => one.trim()))].filter(Boolean)
}

export const hasOption = (object: unknown, option: string): boolean => readList(object, SYNC_OPTIONS).includes(option)

/** Whether an Application has an option of `spec.syncPolicy.syncOptions`. */
export const hasApplicationOption = (application: unknown, option: string): boolean =>
  listAt(application, ['spec', 'syncPolicy', 'syncOptions']).includes(option)
