// Works out when Argo CD applies a resource (hooks, waves) and what of that is written in vain.
import { stringAt, valueAt } from '../model/build.ts'
import { closest } from '../model/closest.ts'
import { type ArgocdFault, withoutEffect } from './fault.ts'
import { readList } from './options.ts'

export const HOOK = 'argocd.argoproj.io/hook'
export const DELETE_POLICY = 'argocd.argoproj.io/hook-delete-policy'
export const WAVE = 'argocd.argoproj.io/sync-wave'
const HELM_HOOK = 'helm.sh/hook'
const TRACKING = 'argocd.argoproj.io/tracking-id'

const HOOKS = ['PreSync', 'Sync', 'PostSync', 'SyncFail', 'Skip', 'PreDelete', 'PostDelete'] as const
const DELETE_POLICIES = ['HookSucceeded', 'HookFailed', 'BeforeHookCreation'] as const
/** Which of helm's hooks run, and when; crd-install is not a hook to Argo CD but an ordinary resource. */
const HELM_HOOKS: Readonly<Record<string, (typeof HOOKS)[number]>> = {
  'pre-install': 'PreSync',
  'pre-upgrade': 'PreSync',
  'post-install': 'PostSync',
  'post-upgrade': 'PostSync',
  'pre-delete': 'PreDelete',
  'post-delete': 'PostDelete',
}

const annotation = (object: unknown, name: string): string | undefined =>
  stringAt(object, ['metadata', 'annotations', name])

/** The phases in which a resource is applied as a hook; undefined for one that is not a hook. */
export function readHooks(object: unknown): readonly string[] | undefined {
  const own = annotation(object, HOOK)
  const known = readList(object, HOOK).filter(one => HOOKS.some(hook => hook === one))
  const helm = readList(object, HELM_HOOK)
  const ofHelm = helm.flatMap(one => HELM_HOOKS[one] ?? [])
  const hooks = known.length > 0 ? known : ofHelm
  if (own === undefined)
    return annotation(object, HELM_HOOK) === undefined || helm.includes('crd-install') ? undefined : ofHelm
  if (hooks.length === 1 && hooks[0] === 'Skip') return undefined
  return hooks.filter(one => one !== 'Skip')
}

export function* checkHooks(object: unknown): Generator<ArgocdFault> {
  const own = annotation(object, HOOK)
  const hooks = readHooks(object)
  if (own !== undefined) {
    const unknown = readList(object, HOOK).filter(one => !HOOKS.some(hook => hook === one))
    const never = hooks?.length === 0 ? ', so the resource is never applied' : ''
    const path = ['metadata', 'annotations', HOOK]
    for (const one of unknown) {
      const near = closest(one, HOOKS)
      yield withoutEffect(
        path,
        `hook ${JSON.stringify(one)} is unknown${never}${near ? `; did you mean ${near}?` : ''}`,
        ['unknown-hook', one],
      )
    }
    if (unknown.length === 0 && hooks?.length === 0) {
      yield withoutEffect(path, 'the hook names no phase, so the resource is never applied', ['hook-without-phase'])
    }
  } else if (hooks?.length === 0) {
    const path = ['metadata', 'annotations', HELM_HOOK]
    const message = `Argo CD runs no hook of helm named ${annotation(object, HELM_HOOK)}: the resource is never applied`
    yield withoutEffect(path, message, ['hook-of-helm', annotation(object, HELM_HOOK) ?? ''])
  }
  if (annotation(object, DELETE_POLICY) === undefined) return
  const path = ['metadata', 'annotations', DELETE_POLICY]
  if (hooks === undefined) {
    yield withoutEffect(path, 'a delete policy has no effect on what is not a hook', ['policy-without-hook'])
    return
  }
  const policies = readList(object, DELETE_POLICY)
  const isOneKnown = policies.some(one => DELETE_POLICIES.some(known => known === one))
  for (const one of policies) {
    if (DELETE_POLICIES.some(known => known === one)) continue
    const near = closest(one.replace(/-/g, ''), DELETE_POLICIES)
    const instead = isOneKnown ? '' : ' and counts as BeforeHookCreation'
    yield withoutEffect(
      path,
      `delete policy ${JSON.stringify(one)} is unknown${instead}${near ? `; did you mean ${near}?` : ''}`,
      ['unknown-delete-policy', one],
    )
  }
}

const INTEGER = /^[+-]?[0-9]+$/

/** The wave of a resource as Go reads the number: an integer of 64 bits, else the weight of helm, else 0. */
export function readWave(object: unknown): number {
  return parseInteger(annotation(object, WAVE)) ?? parseInteger(annotation(object, 'helm.sh/hook-weight')) ?? 0
}

function parseInteger(text: string | undefined): number | undefined {
  if (text === undefined || !INTEGER.test(text) || text.length > 4096) return undefined
  const value = BigInt(text.replace(/^\+/, ''))
  return value >= -(2n ** 63n) && value < 2n ** 63n ? Number(value) : undefined
}

export function* checkWave(object: unknown): Generator<ArgocdFault> {
  const value = valueAt(object, ['metadata', 'annotations', WAVE])
  // A number is the schema's finding; null counts as an empty text.
  if (value !== null && typeof value !== 'string') return
  if (value !== null && parseInteger(value) !== undefined) return
  const shown = JSON.stringify(value ?? '')
  yield withoutEffect(
    ['metadata', 'annotations', WAVE],
    `wave ${shown} is not an integer and counts as ${readWave(object)}`,
    ['odd-wave', value ?? ''],
  )
}

export const isTracked = (object: unknown): boolean => annotation(object, TRACKING) !== undefined

/** `expected` is what Argo CD writes there, if what syncs the resource is known. */
export function* checkTracking(object: unknown, expected: string | undefined): Generator<ArgocdFault> {
  const value = valueAt(object, ['metadata', 'annotations', TRACKING])
  if (typeof value !== 'string' || value === expected || expected === undefined) return
  const message = `Argo CD writes this annotation itself, as ${expected}, over what stands here`
  yield withoutEffect(['metadata', 'annotations', TRACKING], message, ['written-tracking', value])
}
