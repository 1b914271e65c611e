// A patch whose target selects nothing: kustomize applies it to nothing and says nothing.
import { posix } from 'node:path'
import { listAt, mappingAt, stringAt } from '../../../../tree/model/build.ts'
import type { FileRead } from '../../../../tree/kustomize/graph/kustomization.ts'
import type { Tree } from '../../../../tree/read-tree.ts'
import { SourceFile } from '../../../../tree/source/source-file.ts'
import { nearestObject } from '../near-name.ts'
import { defineRule } from '../../rule.ts'

const FIELDS = ['group', 'version', 'kind', 'namespace', 'name', 'labelSelector', 'annotationSelector'] as const

/** A kind and a name in letters: what kustomize refuses where a patch says them itself, without a target. */
const isOneObject = ({ kind, name }: Readonly<Record<string, unknown>>): boolean =>
  [kind, name].every(text => typeof text === 'string' && /^[\w.-]+$/.test(text) && !text.includes('.*'))

/**
 * Whether a patch is a list of operations (JSON 6902): it is never without a target, so kustomize refuses it in no form. What
 * cannot be read here is taken for one; and what deletes an object that is not there has what it wants.
 */
function isHarmless(entry: unknown, folder: string, { sources }: Tree): boolean {
  const path = stringAt(entry, ['path'])
  const file = path === undefined ? undefined : sources.read(posix.join(folder, path))
  const text = file instanceof SourceFile ? file.text : stringAt(entry, ['patch'])
  const first = text?.split('\n').find(line => line.trim() !== '' && !/^\s*#|^---/.test(line))
  return first === undefined || /^\s*[-[]/.test(first) || /^\$patch:\s*["']?delete\b/m.test(text ?? '')
}

const isBlank = ({ path, reference }: FileRead, { sources }: Tree): boolean => {
  const file = reference.content === 'resource' ? sources.read(path) : undefined
  return file instanceof SourceFile && file.parse('kustomize').documents.every(document => document === null)
}

export default defineRule({
  scope: 'kustomization',
  id: 'unmatched-patch-target',
  severity: 'warning',
  summary: 'The target of a patch selects nothing.',
  why: 'kustomize applies the patch to nothing and says nothing: what it was to change stays as it is.',
  remediation: 'Write the target as the object is, or delete the patch.',
  source:
    'kustomize: a target that selects nothing is not an error (kubernetes-sigs/kustomize#4379); the same patch without a target is one',
  *check({ kustomization, readers, roots, effects, tree }) {
    // What is to be written into an empty file, by a program or a person, may be what the patch is for.
    if (tree.graph.reach(kustomization.folder).some(one => one.files.some(file => isBlank(file, tree)))) return
    for (const field of ['patches', 'patchesJson6902']) {
      for (const [index, entry] of listAt(kustomization.value, [field]).entries()) {
        const target = mappingAt(entry, ['target'])
        if (!target || effects.sum(roots, kustomization, [field, index])?.matched !== 0) continue
        const wanted = FIELDS.flatMap(key => (target[key] === undefined ? [] : [`${key} ${String(target[key])}`]))
        const fieldPath = [field, index, 'target']
        yield {
          message: `no object has ${wanted.join(', ')}${nearestObject(target, readers)}`,
          values: wanted,
          ...(isOneObject(target) && !isHarmless(entry, kustomization.folder, tree)
            ? { severity: 'error' as const }
            : {}),
          places: [{ range: kustomization.file.rangeOf(0, fieldPath), fieldPath }],
          builds: roots,
        }
      }
    }
  },
})
