// Fields that name another object wherever they stand, in kinds that nobody here knows as well.
import { groupOf } from '../../../tree/model/build.ts'
import type { FieldPath } from '../../../tree/model/place.ts'

export interface Named {
  readonly kind: string
  /** Undefined where the field does not say it. */
  readonly group: string | undefined
  readonly name: string
  readonly namespace: string | undefined
  readonly fieldPath: FieldPath
}

type Mapping = Readonly<Record<string, unknown>>

/** Mappings with a `name`, by the key that they stand under; what says its own kind counts as that. */
const KINDS_OF_MAPPINGS: Readonly<Record<string, string>> = {
  configMapRef: 'ConfigMap',
  configMapKeyRef: 'ConfigMap',
  configMap: 'ConfigMap',
  secretRef: 'Secret',
  secretKeyRef: 'Secret',
  imagePullSecrets: 'Secret',
  backendRefs: 'Service',
  scaleTargetRef: 'Deployment',
  issuerRef: 'Issuer',
  serviceRef: 'Service',
}

/** Texts that are a name, by their key. */
const KINDS_OF_TEXTS: Readonly<Record<string, string>> = {
  secretName: 'Secret',
  configMapName: 'ConfigMap',
  serviceAccountName: 'ServiceAccount',
  claimName: 'PersistentVolumeClaim',
  canaryService: 'Service',
  stableService: 'Service',
  activeService: 'Service',
  previewService: 'Service',
  rootService: 'Service',
}

/** References of an object to names that are of interest. */
export function* listNamed(object: unknown, isOfInterest: (name: string) => boolean): Generator<Named> {
  yield* visit(object, '', [], isOfInterest)
}

function* visit(
  value: unknown,
  key: string,
  path: FieldPath,
  isOfInterest: (name: string) => boolean,
): Generator<Named> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* visit(item, key, [...path, index], isOfInterest)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const mapping = value as Mapping
  if (path.length > 0) yield* readMapping(mapping, key, path, isOfInterest)
  for (const [name, child] of Object.entries(mapping)) {
    const kind = Object.hasOwn(KINDS_OF_TEXTS, name) ? KINDS_OF_TEXTS[name] : undefined
    if (typeof child === 'string') {
      if (kind !== undefined && isOfInterest(child) && mapping.optional !== true)
        yield { kind, group: undefined, name: child, namespace: undefined, fieldPath: [...path, name] }
    } else if (path.length > 0 || name !== 'metadata') yield* visit(child, name, [...path, name], isOfInterest)
  }
}

function* readMapping(
  { kind, name, namespace, apiVersion, apiGroup, group, optional }: Mapping,
  key: string,
  path: FieldPath,
  isOfInterest: (name: string) => boolean,
): Generator<Named> {
  if (typeof name !== 'string' || optional === true || !isOfInterest(name)) return
  const usual = Object.hasOwn(KINDS_OF_MAPPINGS, key) ? KINDS_OF_MAPPINGS[key] : undefined
  const said = typeof kind === 'string' && kind !== '' ? kind : usual
  if (said === undefined) return
  const groups = [typeof apiVersion === 'string' ? groupOf(apiVersion) : undefined, apiGroup, group]
  yield {
    kind: said,
    group: groups.find(one => typeof one === 'string') as string | undefined,
    name,
    namespace: typeof namespace === 'string' && namespace !== '' ? namespace : undefined,
    fieldPath: [...path, 'name'],
  }
}
