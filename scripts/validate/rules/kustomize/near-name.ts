// "Did you mean" for what a selector names: the nearest name of an object that a build deploys.
import { closest } from '../../../tree/model/closest.ts'
import type { Reader } from '../rule.ts'

/** Completes a message; empty where nothing is near, or a pattern was meant. */
export function didYouMean(wanted: unknown, candidates: Iterable<string>): string {
  if (typeof wanted !== 'string') return ''
  const near = closest(wanted, new Set(candidates))
  return near === undefined || near === wanted ? '' : `; did you mean ${near}?`
}

const FIELDS = ['name', 'kind', 'namespace', 'group', 'version'] as const

/** What in a selector is a typing mistake away from what the builds have: name before kind before the others. */
export function nearestObject(selector: Readonly<Record<string, unknown>>, readers: readonly Reader[]): string {
  const resources = readers.flatMap(({ build }) => build?.resources ?? [])
  for (const field of FIELDS) {
    const values = resources.map(({ name, kind, namespace, group, object }) =>
      field === 'version'
        ? String(object.apiVersion).slice(group === '' ? 0 : group.length + 1)
        : String({ name, kind, namespace, group }[field] ?? ''),
    )
    if (values.includes(String(selector[field]))) continue
    const said = didYouMean(selector[field], values)
    if (said) return said
  }
  return ''
}
