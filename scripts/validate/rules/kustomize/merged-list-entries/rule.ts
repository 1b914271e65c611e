// Two items of a list that have the same merge keys: a patch that speaks of neither makes one of them, and says nothing.
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'kustomization',
  id: 'merged-list-entries',
  severity: 'warning',
  summary: 'A patch makes one of two items of a list.',
  why: 'kustomize merges the list by keys that both items share: the later one takes the place of the other, which is deployed no more.',
  remediation: 'Give the items different keys, or change the object with a JSON patch.',
  source: 'kustomize merges lists by the keys of its OpenAPI schema (kubernetes-sigs/kustomize#3513)',
  *check({ kustomization: { folder }, readers, effects }) {
    const seen = new Map<string, string[]>()
    const roots = readers.flatMap(({ root, build }) => (build ? [root] : []))
    for (const root of roots) {
      for (const one of effects.of(root)?.merged ?? []) {
        if (one.folder !== folder || one.kept.text === one.lost.text || isVariable(one.lost.text)) continue
        const key = JSON.stringify([one.lost.range, one.kept.range])
        const builds = seen.get(key)
        if (builds) {
          if (!builds.includes(root)) builds.push(root)
          continue
        }
        const own = [root]
        seen.set(key, own)
        const { kept, lost, keys } = one
        const name = (text: string): string => text || 'an item'
        yield {
          message: `${name(kept.name)} takes the place of ${name(lost.name)} when ${folder} patches the object: both have the same ${keys.join(' and ')}`,
          values: [kept.name, lost.name],
          places: [{ range: lost.range, fieldPath: [] }],
          builds: own,
        }
      }
    }
  },
})

/** Of two variables of one name the last one counts, merged or not. */
const isVariable = (text: string): boolean =>
  Object.keys(JSON.parse(text.endsWith('}') ? text : '{}') as object).every(key =>
    ['name', 'value', 'valueFrom'].includes(key),
  ) && text.includes('"value')
