// An entry without which the build would be the same: it says what is so already, or another entry has the last word.
import { posix } from 'node:path'
import type { Kustomization } from '../../../../tree/kustomize/graph/kustomization.ts'
import type { FieldPath } from '../../../../tree/model/place.ts'
import type { Tree } from '../../../../tree/read-tree.ts'
import { type KustomizationContext, defineRule } from '../../rule.ts'
import { entriesOf, type PatchingEntry } from '../patched-objects.ts'

interface Redundant extends PatchingEntry {
  /** True where it changes nothing; else what it changes is changed again. */
  readonly isSame: boolean
}

export default defineRule({
  scope: 'kustomization',
  id: 'redundant-entry',
  severity: 'warning',
  summary: 'A patch, image or replica count changes nothing in any build.',
  why: 'Who edits it waits for an effect that never comes: what it sets is so already, or is overwritten further on.',
  remediation: 'Delete the entry, or the one that overwrites it.',
  source: 'kustomize applies entries one after the other, the overlays last; the build is the same without this one',
  *check(context) {
    const { kustomization, roots } = context
    const words = { patches: 'the patch', images: 'the image', replicas: 'the replica count' } as const
    for (const [field, word] of Object.entries(words)) {
      const found = listRedundant(context, field)
      for (const one of found) {
        // Of two that say the same the second is told of.
        if (!one.isSame && found.some(other => other.isSame && isForSame(one, other))) continue
        const isTwice = found.some(other => other !== one && isForSame(one, other)) || hasTwin(context, one, field)
        // A tag is written where a program finds it, be it that of the manifest.
        if (one.isSame && !isTwice && (field === 'images' || isSetting(context, one, field))) continue
        // An overlay that others build on may be deployed by itself too, and nobody here sees that build.
        const isOwn = roots.every(root => root === kustomization.folder)
        if (!one.isSame && !isOwn && (field !== 'patches' || isEnvironment(kustomization))) continue
        const { fieldPath } = one
        yield {
          message: one.isSame
            ? `${word} sets what is so already`
            : `${word} has no effect: all that it sets is overwritten further on, in ${roots.length > 1 ? 'every build' : 'this build'}`,
          values: [field],
          places: [{ range: kustomization.file.rangeOf(0, shownAt(kustomization, fieldPath)), fieldPath }],
          builds: roots,
        }
      }
    }
  },
})

const ENVIRONMENT =
  /(?:^|\/)(?:overlays|env(?:ironment)?s|clusters)\/|(?:^|\/)(?:dev|develop|development|test|testing|qa|uat|stage|staging|prod|production)(?:\/|$)/

/** Whether a kustomization looks like an environment of its own. */
const isEnvironment = ({ kind, folder }: Kustomization): boolean => kind !== 'Component' && ENVIRONMENT.test(folder)

function listRedundant({ kustomization, roots, effects, tree }: KustomizationContext, field: string): Redundant[] {
  const found: Redundant[] = []
  for (const entry of entriesOf(kustomization, field, tree.sources)) {
    const effect = effects.sum(roots, kustomization, entry.fieldPath)
    if (effect?.isVain) found.push({ ...entry, isSame: effect.changed === 0 })
  }
  return found
}

/** Whether another entry of the kustomization is for the same image or workload, or is the same patch. */
function hasTwin({ kustomization, tree }: KustomizationContext, one: PatchingEntry, field: string): boolean {
  for (const other of entriesOf(kustomization, field, tree.sources)) {
    if (String(other.fieldPath) === String(one.fieldPath)) continue
    if (field === 'patches' ? other.content === one.content : isForSame(one, other)) return true
  }
  return false
}

const isForSame = (one: PatchingEntry, other: PatchingEntry): boolean =>
  one.targets.some(target => other.targets.includes(target))

/** A file of its own is shown by its path. */
const shownAt = ({ value }: Kustomization, fieldPath: FieldPath): FieldPath => {
  const [field, index] = fieldPath
  const entry = (value[String(field)] as readonly unknown[])[Number(index)]
  const key = ['path', 'name'].find(name => typeof entry === 'object' && entry !== null && name in entry)
  return key === undefined ? fieldPath : [...fieldPath, key]
}

/** Where each overlay of a base, or each component of a folder, says the same thing for itself, one of them may say what the base says. */
function isSetting(
  { kustomization, tree }: { kustomization: Kustomization; tree: Tree },
  one: PatchingEntry,
  field: string,
) {
  const bases = new Set(kustomization.folders.map(({ path }) => path))
  for (const other of tree.graph.kustomizations.values()) {
    const isSibling =
      other.kind === 'Component'
        ? kustomization.kind === 'Component' && posix.dirname(other.folder) === posix.dirname(kustomization.folder)
        : other.folders.some(({ path }) => bases.has(path))
    if (other === kustomization || !isSibling) continue
    for (const entry of entriesOf(other, field, tree.sources)) if (isForSame(one, entry)) return true
  }
  return false
}
