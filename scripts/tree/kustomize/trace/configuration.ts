// The field specs that a build uses: kustomize's own, and those of `configurations` and `crds`.
import { DEFAULT_SPECS, type FieldSpec, mergeSpecs, readSpec, type SpecName } from './field-spec.ts'
import { NAME_SPECS } from './names.ts'
import { type BackReference, DEFAULT_REFERENCES } from './name-references.ts'
import { splitApiVersion } from './object.ts'
import { fieldOf, textAt, type Traced } from './value.ts'

export interface Configuration {
  readonly specs: Readonly<Record<SpecName | 'namePrefix' | 'nameSuffix' | 'labels', readonly FieldSpec[]>>
  readonly references: readonly BackReference[]
}

export const DEFAULT_CONFIGURATION: Configuration = {
  specs: { ...DEFAULT_SPECS, namePrefix: NAME_SPECS, nameSuffix: NAME_SPECS, labels: [] },
  references: DEFAULT_REFERENCES,
}

export function mergeConfigurations(one: Configuration, other: Configuration): Configuration {
  // Each begins with kustomize's own, which most never add to.
  if (one === other || other === DEFAULT_CONFIGURATION) return one
  const specs = Object.fromEntries(
    Object.entries(one.specs).map(([name, list]) => [name, mergeSpecs(list, other.specs[name as SpecName])]),
  ) as Configuration['specs']
  return { specs, references: mergeReferences(one.references, other.references) }
}

function mergeReferences(known: readonly BackReference[], more: readonly BackReference[]): readonly BackReference[] {
  const merged = [...known]
  for (const reference of more) {
    const { to } = reference
    const index = merged.findIndex(
      one => one.to.group === to.group && one.to.version === to.version && one.to.kind === to.kind,
    )
    const same = merged[index]
    if (same) merged[index] = { to, from: mergeSpecs(same.from, reference.from) }
    else merged.push(reference)
  }
  return merged
}

/** A file of `configurations`. */
export function readConfiguration(document: Traced): Configuration {
  const list = (name: string): readonly FieldSpec[] => {
    const found = fieldOf(document, name)
    return found?.kind === 'sequence' ? found.items.map(readSpec) : []
  }
  const names = Object.keys(DEFAULT_CONFIGURATION.specs)
  const specs = Object.fromEntries(names.map(name => [name, list(name)])) as Configuration['specs']
  const references = fieldOf(document, 'nameReference')
  return {
    specs,
    references: (references?.kind === 'sequence' ? references.items : []).map(one => {
      const { group, version } = splitApiVersion(textAt(one, 'apiVersion'))
      const from = fieldOf(one, 'fieldSpecs')
      return {
        to: {
          group: textAt(one, 'group') || group,
          version: textAt(one, 'version') || version,
          kind: textAt(one, 'kind'),
        },
        from: from?.kind === 'sequence' ? from.items.map(readSpec) : [],
      }
    }),
  }
}
