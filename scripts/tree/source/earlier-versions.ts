// Folders of releases that a tree keeps beside later ones: nobody deploys what has been replaced.
import { posix } from 'node:path'

/** `v0.5.0-rc1`: its numbers, and what comes before the release itself. */
const VERSION = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?$/

/** `web-v1.2.3.yaml`. */
const NAMED = /^(.+)[-_.](v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)\.(?:ya?ml|json)$/

/** Fewer may be what two clusters run. */
const FEWEST = 3

/** The last of the versions in each folder that keeps several, and of files that differ in no more. */
export function findLatest(paths: readonly string[]): ReadonlyMap<string, string> {
  const kept = new Map<string, Set<string>>()
  const note = (place: string, version: string): void => {
    kept.set(place, (kept.get(place) ?? new Set()).add(version))
  }
  for (const path of paths) {
    const [, name, version] = NAMED.exec(path) ?? []
    if (name !== undefined && version !== undefined) note(name, version)
    for (let at = posix.dirname(path); at !== '.'; at = posix.dirname(at)) {
      if (!VERSION.test(posix.basename(at))) continue
      note(posix.dirname(at), posix.basename(at))
    }
  }
  return new Map(
    [...kept].flatMap(([folder, names]) => {
      const last = names.size < FEWEST ? undefined : [...names].sort(compareVersions).at(-1)
      return last === undefined ? [] : [[folder, last] as const]
    }),
  )
}

/** Whether a path is, or lies in the folder of, a version that is not the last one. */
export function isOfEarlier(path: string, latest: ReadonlyMap<string, string>): boolean {
  if (latest.size === 0) return false
  const [, name = '', version] = NAMED.exec(path) ?? []
  const lastNamed = latest.get(name)
  if (lastNamed !== undefined) return version !== lastNamed
  for (let at = posix.dirname(path); at !== '.'; at = posix.dirname(at)) {
    const last = VERSION.test(posix.basename(at)) ? latest.get(posix.dirname(at)) : undefined
    if (last !== undefined) return posix.basename(at) !== last
  }
  return false
}

/** By number; a release comes after what led to it. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [VERSION.exec(one) ?? [], VERSION.exec(other) ?? []]
  for (const at of [1, 2, 3]) {
    const difference = Number(a[at]) - Number(b[at])
    if (difference !== 0) return difference
  }
  if (a[4] === undefined || b[4] === undefined) return Number(a[4] === undefined) - Number(b[4] === undefined)
  return a[4].localeCompare(b[4], 'en', { numeric: true })
}
