// What stood in the way of what Argo CD renders, and what nobody looks at for its sake.
import type { Renderings } from '../engine.ts'
import type { Build } from '../model/build.ts'
import { type Fault, fileOf, type NotExamined } from '../model/place.ts'
import { listFiles } from '../read-tree.ts'

/** What stood in the way of the sources, and what ApplicationSets do wrong. */
export function* listSourceFaults(builds: readonly Build[], { sources, expansions }: Renderings): Generator<Fault> {
  for (const resource of builds.flatMap(build => build.resources)) {
    for (const { faults } of sources.get(resource.object) ?? []) {
      for (const { ruleId, message, values, severity, fieldPath, range } of faults) {
        const place = range ? { range, fieldPath } : { resource, fieldPath }
        yield { ruleId, message, severity, values, places: [place] }
      }
    }
    for (const { message, values, severity, fieldPath } of expansions.get(resource.object)?.faults ?? []) {
      yield {
        ruleId: 'invalid-applicationset',
        message,
        severity,
        values,
        places: [{ resource, fieldPath }],
      }
    }
  }
}

/** Builds that are not rendered, or only in part, with what nobody looks at for their sake. */
export function* listUnrendered({ tree, built, failed, refused, partial }: Renderings): Generator<NotExamined> {
  const { graph } = tree
  const lost = [...failed.keys(), ...refused]
  const seen = new Set(lost.length ? [...built.keys()].flatMap(root => [...listFiles(graph, root)]) : [])
  for (const root of lost) {
    const kustomization = graph.kustomizations.get(root)
    if (!kustomization) continue
    const files = [...listFiles(graph, root)].filter(file => !seen.has(file)).length
    const detail = `${root}: ${files} ${files === 1 ? 'file' : 'files'} that no other build reads`
    yield { place: fileOf(kustomization.file.path), reason: 'a build that is not rendered', detail }
  }
  for (const root of partial.keys()) {
    const kustomization = graph.kustomizations.get(root)
    if (!kustomization) continue
    const faults = graph.reach(root).flatMap(one => one.faults).length
    const detail = `${root}: without ${faults} ${faults === 1 ? 'entry' : 'entries'}`
    yield { place: fileOf(kustomization.file.path), reason: 'a build that is rendered in part', detail }
  }
}

/** What Argo CD would render and this program does not: nothing of it is silent. */
export function listUnjudged(builds: readonly Build[], { sources, expansions }: Renderings): readonly NotExamined[] {
  const unjudged: NotExamined[] = []
  for (const resource of builds.flatMap(build => build.resources)) {
    for (const { state, fieldPath, isPartial, lacks, path } of sources.get(resource.object) ?? []) {
      const place = { resource, fieldPath }
      const { reason, which = path } = lacks ? { reason: lacks } : state.kind === 'unknown' ? state : {}
      if (reason) {
        const detail = [`Application ${resource.name}`, which].filter(Boolean).join(': ')
        unjudged.push({ place, reason: `${reason}, which an Application brings`, detail })
      }
      if (isPartial && !lacks) {
        const detail = `Application ${resource.name}: ${path}`
        unjudged.push({ place, reason: 'files of an Application that are not read (jsonnet)', detail })
      }
    }
    for (const reason of expansions.get(resource.object)?.unknown ?? []) {
      unjudged.push({
        place: { resource, fieldPath: ['spec', 'generators'] },
        reason: `an ApplicationSet with ${reason}: its Applications are not known`,
        detail: `ApplicationSet ${resource.name}`,
      })
    }
  }
  return unjudged
}
