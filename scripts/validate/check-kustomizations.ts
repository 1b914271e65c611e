// Runs the rules over kustomizations with the builds that read them, but not where they are known to find nothing.
import type { Deployment } from '../tree/deploy.ts'
import type { Renderings } from '../tree/engine.ts'
import type { Graph, Kustomization } from '../tree/kustomize/graph/kustomization.ts'
import type { Effects } from '../tree/kustomize/trace/effects.ts'
import type { Build } from '../tree/model/build.ts'
import type { ResourceIndex } from '../tree/model/resource-index.ts'
import { nameOf } from '../tree/pack.ts'
import type { Memory } from './memory.ts'
import type { KustomizationRule, Reader, Rule, RuleFinding } from './rules/rule.ts'

export interface KustomizationRules {
  check(rule: KustomizationRule): Iterable<RuleFinding>
  /** Said once all rules have run: remembers where none of them found anything. */
  end(): void
}

interface Asked {
  readonly rules: readonly Rule[]
  readonly renderings: Renderings
  readonly deployment: Deployment
  readonly effects: Effects
  readonly memory: Pick<Memory, 'isQuietKustomization' | 'noteQuietKustomization'>
}

interface Subject {
  readonly kustomization: Kustomization
  readonly readers: readonly Reader[]
  readonly roots: readonly string[]
  readonly beside: ResourceIndex | undefined
}

export function openKustomizationRules({ rules, renderings, deployment, effects, memory }: Asked): KustomizationRules {
  const { tree } = renderings
  const asked = rules.flatMap(({ scope, id }) => (scope === 'kustomization' ? [id] : []))
  const ids = nameOf(asked)
  const subjects = asked.length === 0 ? [] : listSubjects(renderings, deployment)
  const left = subjects.filter(
    ({ kustomization, readers, beside }) => !memory.isQuietKustomization(kustomization, readers, ids, beside),
  )
  /** Where something was found, or a rule has looked at the others: what it says is then not of this one alone. */
  const open = new Set<Subject>()
  return {
    *check(rule) {
      for (const subject of left) {
        const graph = watch(tree.graph, () => open.add(subject))
        for (const finding of rule.check({ ...subject, effects, deployment, tree: { ...tree, graph } })) {
          open.add(subject)
          yield finding
        }
      }
    },
    end() {
      for (const subject of left) {
        const { kustomization, readers, beside } = subject
        if (!open.has(subject)) memory.noteQuietKustomization(kustomization, readers, ids, beside)
      }
    },
  }
}

/** A graph that says when somebody asks for all of it. */
const watch = (graph: Graph, note: () => void): Graph => ({
  ...graph,
  get kustomizations() {
    note()
    return graph.kustomizations
  },
  get referenced() {
    note()
    return graph.referenced
  },
})

function listSubjects(renderings: Renderings, { builds, besideOf }: Deployment): readonly Subject[] {
  const byFolder = listReaders(renderings, builds)
  return [...renderings.tree.graph.kustomizations.values()].map(kustomization => {
    const readers = byFolder.get(kustomization.folder) ?? []
    const roots = readers.every(({ build }) => build) ? readers.map(({ root }) => root) : []
    const own = readers.find(({ root }) => root === kustomization.folder)?.build
    return { kustomization, readers, roots, beside: own && besideOf(own) }
  })
}

/** The roots that read each kustomization, with their builds. */
function listReaders({ tree, built, failed, refused, partial }: Renderings, builds: readonly Build[]) {
  const byId = new Map(builds.filter(({ kind }) => kind === 'kustomize').map(build => [build.id, build]))
  const readers = new Map<string, Reader[]>()
  for (const root of [...built.keys(), ...failed.keys(), ...refused]) {
    for (const { folder } of tree.graph.reach(root)) {
      // A build in part proves nothing of what it does without.
      const reader = { root, build: partial.has(root) ? undefined : byId.get(root) }
      const known = readers.get(folder)
      if (known) known.push(reader)
      else readers.set(folder, [reader])
    }
  }
  return readers
}
