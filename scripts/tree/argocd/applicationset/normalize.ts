// What the controller of ApplicationSets leaves out of an Application before it writes it.
// Source: Argo CD, util/argo/argo.go, NormalizeApplicationSpec; applicationset/controllers, createOrUpdateInCluster.
import { listAt, mappingAt } from '../../model/build.ts'

type Mapping = Readonly<Record<string, unknown>>

const SETTINGS = ['kustomize', 'helm', 'directory']

/** Leaves out settings of kustomize, helm and of directories that say nothing: they would choose the tool. */
export function normalizeSpec(spec: unknown): unknown {
  const source = mappingAt(spec, ['source'])
  const sources = listAt(spec, ['sources'])
  if (sources.length > 0) return { ...(spec as Mapping), sources: sources.map(withoutEmpty) }
  return source ? { ...(spec as Mapping), source: withoutEmpty(source) } : spec
}

const withoutEmpty = (source: unknown): unknown =>
  typeof source !== 'object' || source === null
    ? source
    : Object.fromEntries(Object.entries(source).filter(([key, value]) => !SETTINGS.includes(key) || !isZero(value)))

/** As Go has it: nothing, or what holds nothing else. */
const isZero = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).every(isZero)
    : value === undefined || value === null || value === '' || value === false
