// Value files of other sources: `$name/...` needs a source beside it that has this `ref`.
import { listAt, stringAt } from '../../model/build.ts'
import type { FieldPath } from '../../model/place.ts'
import { type ArgocdFault, refused } from '../fault.ts'

const REFERENCE = /^\$([a-zA-Z0-9_-]+)(?:\/|$)/

/**
 * What charts of a registry name among `sources` and no source is called; of a chart in the tree the missing file is told. Where
 * one name is not used instead, it is the mistaken one. Source: Argo CD repo-server, "is not one of the available sources".
 */
export function* findUnknownReferences(sources: readonly unknown[], at: FieldPath): Generator<ArgocdFault> {
  const known = new Map(
    sources.flatMap((source, index) => {
      const name = stringAt(source, ['ref'])
      return name ? [[name, index] as const] : []
    }),
  )
  // A name that is filled in may be any.
  if ([...known.keys()].some(name => name.includes('{{'))) return
  const used = new Set<string>()
  const lost = new Map<string, FieldPath>()
  for (const [index, source] of sources.entries()) {
    for (const [file, written] of listAt(source, ['helm', 'valueFiles']).entries()) {
      const name = typeof written === 'string' ? REFERENCE.exec(written)?.[1] : undefined
      if (name === undefined) continue
      used.add(name)
      if (!known.has(name) && stringAt(source, ['chart']) && !lost.has(name))
        lost.set(name, [...at, index, 'helm', 'valueFiles', file])
    }
  }
  const idle = [...known].filter(([name]) => !used.has(name) && !stringAt(sources[known.get(name) ?? 0], ['path']))
  for (const [name, path] of lost) {
    const [only, second] = idle
    const isMistaken = only !== undefined && second === undefined && lost.size === 1
    const hint = isMistaken ? `; nothing reads the ref ${only[0]}` : ''
    yield refused(
      isMistaken ? [...at, only[1], 'ref'] : path,
      `no source has the ref ${name}, which value files are taken from${hint}`,
      ['unknown-ref', name],
    )
  }
}

/** The same in all `sources` below a value: in a template, or in the elements that one is made of. */
export function* findUnknownReferencesIn(value: unknown, at: FieldPath): Generator<ArgocdFault> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, one] of Object.entries(value)) {
    const path = [...at, Array.isArray(value) ? Number(key) : key]
    if (key === 'sources' && Array.isArray(one)) yield* findUnknownReferences(one, path)
    else yield* findUnknownReferencesIn(one, path)
  }
}
