// What kustomize says of patches: for whom there is nobody, which operation leads nowhere, which selector cannot be read.
import { listAt, mappingAt, valueAt } from '../../model/build.ts'
import { closest } from '../../model/closest.ts'
import type { FieldPath } from '../../model/place.ts'
import { type Explanation, type Failure, readId, type Spot, spotIn } from './explanation.ts'
import { OPERATION_ERRORS } from './operations.ts'
import { allReplacementsOf } from './replacements.ts'
import { isNamed, patchDocuments, patchTexts, resourceDocuments } from './written.ts'

/** The first selector of a patch or replacement of which one of some fields is meant. */
function findSelector(
  { reach, sources }: Failure,
  fields: readonly string[],
  isIt: (value: string) => boolean,
): Spot | undefined {
  for (const kustomization of reach) {
    const selectors: { value: unknown; rangeOf: (path: FieldPath) => Spot['range'] }[] = []
    for (const field of ['patches', 'patchesJson6902']) {
      for (const [index, entry] of listAt(kustomization.value, [field]).entries()) {
        const rangeOf = (inner: FieldPath) => kustomization.file.rangeOf(0, [field, index, 'target', ...inner])
        selectors.push({ value: valueAt(entry, ['target']), rangeOf })
      }
    }
    for (const { value, rangeOf } of allReplacementsOf(kustomization, sources)) {
      for (const [index, target] of listAt(value, ['targets']).entries()) {
        const rejected = [...listAt(target, ['reject']).keys()].map(position => ['reject', position])
        for (const path of [['select'], ...rejected]) {
          const at = (inner: FieldPath) => rangeOf(['targets', index, ...path, ...inner])
          selectors.push({ value: valueAt(target, path), rangeOf: at })
        }
      }
    }
    for (const { value, rangeOf } of selectors) {
      for (const field of fields) {
        const text = valueAt(value, [field])
        if (typeof text === 'string' && isIt(text)) return { range: rangeOf([field]), fieldPath: [field] }
      }
    }
  }
  return undefined
}

const requirement = /^\s*(?:!?\s*[\w./-]+|[\w./-]+\s*(?:==?|!=)\s*[\w.-]*|[\w./-]+\s+(?:not)?in\s*\([\w.,\s-]*\))\s*$/

function isLabelSelector(value: string): boolean {
  // The expressions below take their time over a text made for it.
  if (value.length > 2_000) return false
  // A comma within parentheses separates values.
  return value === '' || value.split(/,(?![^(]*\))/).every(part => requirement.test(part))
}

/** "Did you mean" among the names of a kind. */
function nearName(kind: string | undefined, name: string | undefined, failure: Failure): string {
  const names = [...resourceDocuments(failure)]
    .filter(({ value }) => valueAt(value, ['kind']) === kind)
    .map(({ value }) => String(valueAt(value, ['metadata', 'name'])))
  const near = name === undefined ? undefined : closest(name, names)
  return near === undefined || near === name ? '' : `; did you mean ${near}?`
}

/** An entry of a kustomization that patches, as kustomize quotes it: `path: "p.yaml"`, or the text of the patch. */
function findEntry({ reach }: Failure, isIt: (entry: unknown) => boolean): Spot | undefined {
  for (const kustomization of reach) {
    for (const field of ['patches', 'patchesJson6902', 'patchesStrategicMerge']) {
      for (const [index, entry] of listAt(kustomization.value, [field]).entries())
        if (isIt(entry)) return spotIn(kustomization, [field, index])
    }
  }
  return undefined
}

const isQuoted =
  (what: string | undefined, text: string | undefined) =>
  (entry: unknown): boolean => {
    const own = valueAt(entry, [String(what)])
    return (
      typeof own === 'string' &&
      JSON.stringify(own)
        .slice(1, -1)
        .startsWith(
          String(text)
            .replace(/"\].*$/s, '')
            .trim(),
        )
    )
  }

/** What a patch that is neither an object nor a list of operations lacks. */
function explainUnread(failure: Failure): { spot: Spot; reason: string } | undefined {
  for (const { value, rangeOf, fault, text } of patchTexts(failure)) {
    const at = (fieldPath: FieldPath): Spot => ({ range: rangeOf(fieldPath), fieldPath })
    if (fault) return { spot: { range: fault.range, fieldPath: [] }, reason: `the patch is not YAML: ${fault.message}` }
    if (Array.isArray(value)) {
      if (/^\s*\[/.test(text) && !isJson(text))
        return {
          spot: at([]),
          reason: 'a patch that begins with [ is read as JSON: write its keys and strings in quotes',
        }
      const index = value.findIndex(one => typeof one !== 'object' || one === null)
      if (index >= 0) return { spot: at([index]), reason: 'an operation must be a mapping with op and path' }
      continue
    }
    if (value === null) continue
    if (typeof value !== 'object')
      return { spot: at([]), reason: 'the patch is a string, and neither an object nor a list of operations' }
    const missing = [['kind'], ['metadata', 'name']].filter(path => !valueAt(value, path))
    if (missing.length > 0)
      return {
        spot: at([]),
        reason: `the patch has no ${missing.map(path => path.join('.')).join(' and no ')}: it must name the object that it is for`,
      }
  }
  return undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** How the object that a patch is for differs from the one of its name that is there. */
function explainTwin(id: string, failure: Failure): { readonly path: FieldPath; readonly text: string } | undefined {
  const [kind, name] = readId(id).split(' ')
  const twins = [...resourceDocuments(failure)].filter(({ value }) => isNamed(value, kind, name))
  const patch = [...patchDocuments(failure)].find(({ value }) => isNamed(value, kind, name))?.value
  const [first] = twins
  if (!first || !patch) return undefined
  for (const path of [['apiVersion'], ['metadata', 'namespace']]) {
    const [own, other] = [valueAt(patch, path), valueAt(first.value, path)]
    if (own !== other && !twins.some(({ value }) => valueAt(value, path) === own))
      return {
        path,
        text: `${path.join('.')} is ${String(other ?? 'not set')} there, and ${String(own ?? 'not set')} here`,
      }
  }
  return undefined
}

export const PATCH_ERRORS: readonly Explanation[] = [
  {
    pattern: /multiple matches for Id (\S+?);? failed to find unique target for patch/,
    find([, id = ''], failure) {
      const [kind, name] = readId(id).split(' ')
      const patch = [...patchDocuments(failure)].find(({ value }) => isNamed(value, kind, name))
      return patch && { range: patch.rangeOf(['metadata', 'name']), fieldPath: ['metadata', 'name'] }
    },
    say: ([, id = '']) => `more than one resource is ${readId(id)}: name the namespace, or write a target`,
  },
  {
    pattern: /no (?:resource )?matches for Id \S+?;? failed to find unique target for patch (\S+)/,
    lacks: 'target',
    find([, id = ''], failure) {
      const [kind, name] = readId(id).split(' ')
      const twin = explainTwin(id, failure)
      for (const { value, rangeOf } of patchDocuments(failure)) {
        if (!isNamed(value, kind, name)) continue
        const path = twin && valueAt(value, twin.path) !== undefined ? twin.path : ['metadata', 'name']
        return { range: rangeOf(path), fieldPath: path, ...(twin ? { note: twin.text } : {}) }
      }
      return undefined
    },
    say([, id = ''], { note }, failure) {
      const [kind, name] = readId(id).split(' ')
      if (note !== undefined) return `the patch is for another ${readId(id)} than the one that is there: ${note}`
      return `the patch is for ${readId(id)}, and no resource of that kind and name is there${nearName(kind, name, failure)}`
    },
  },
  {
    pattern: /error parsing regexp: (.*?): `(.*?)`/,
    find: ([, , part = ''], failure) =>
      findSelector(failure, ['group', 'version', 'kind', 'name', 'namespace'], value =>
        `^(?:${value})$`.includes(part),
      ),
    say: ([, reason]) => `the pattern is not a regular expression of Go (RE2): ${reason}`,
  },
  {
    pattern: /unable to parse requirement: (.*)/,
    find: (_, failure) =>
      findSelector(failure, ['labelSelector', 'annotationSelector'], value => !isLabelSelector(value)),
    say: ([, reason]) => `the value is not a label selector: ${reason}`,
  },
  {
    pattern: /unable to parse SM or JSON patch from|builtin PatchStrategicMergeTransformer with config/,
    find(_, failure) {
      const found = explainUnread(failure)
      return found && { ...found.spot, note: found.reason }
    },
    say: (_, { note = '' }) => note,
  },
  {
    pattern: /unable to parse SM or JSON patch from \[(path|patch): "(.*)/,
    find: ([, what, text], failure) => findEntry(failure, isQuoted(what, text)),
    say: () => 'the patch is neither an object nor a list of operations',
  },
  {
    pattern: /patch and path can't be set at the same time/,
    find: (_, failure) =>
      findEntry(failure, entry => Boolean(valueAt(entry, ['path'])) && Boolean(valueAt(entry, ['patch']))),
    say: () => 'this entry has a path and a patch: it may have one of them',
  },
  {
    pattern: /must specify one of patch and path/,
    find: (_, failure) =>
      findEntry(
        failure,
        entry => mappingAt(entry, []) !== undefined && !valueAt(entry, ['path']) && !valueAt(entry, ['patch']),
      ),
    say: () => 'this entry has neither a patch nor the path of one',
  },
  {
    pattern: /Multiple Strategic-Merge Patches in one `patches` entry .*?\[(path|patch): "(.*)/,
    find: ([, what, text], failure) => findEntry(failure, isQuoted(what, text)),
    say: () => 'one patch with a target is one document, and this has several: write an entry for each',
  },
  {
    pattern: /must specify a target for JSON patch \[(path|patch): "(.*)/,
    find: ([, what, text], failure) => findEntry(failure, isQuoted(what, text)),
    say: () => 'a list of operations does not say what it is for: give this entry a target',
  },
  {
    pattern: /must specify the target name|must specify a target for patch/,
    find: (_, failure) =>
      findEntry(failure, entry => Boolean(valueAt(entry, [])) && !valueAt(entry, ['target', 'name'])),
    say: () => 'the target needs a kind and a name',
  },
  {
    pattern: /unknown patch strategy '(.*?)'/,
    find([, strategy], failure) {
      for (const { value, rangeOf } of patchDocuments(failure)) {
        const fieldPath = findKey(value, '$patch', one =>
          strategy === '' ? typeof one !== 'string' : one === strategy,
        )
        if (fieldPath) return { range: rangeOf(fieldPath), fieldPath }
      }
      return undefined
    },
    say: ([, strategy]) =>
      strategy === ''
        ? '$patch must be one of the words delete, replace and merge'
        : `$patch: ${strategy} is not known: there are delete, replace and merge`,
  },
  ...OPERATION_ERRORS,
]

/** Where a key has a value of which something is so. */
function findKey(root: unknown, key: string, isIt: (value: unknown) => boolean): FieldPath | undefined {
  const pending: { value: unknown; path: FieldPath }[] = [{ value: root, path: [] }]
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, path } = next
    if (typeof value !== 'object' || value === null) continue
    if (!Array.isArray(value) && Object.hasOwn(value, key) && isIt(valueAt(value, [key]))) return [...path, key]
    for (const [name, child] of Object.entries(value))
      pending.push({ value: child, path: [...path, Array.isArray(value) ? Number(name) : name] })
  }
  return undefined
}
