// What stood in the way of what Argo CD renders, and what nobody looks at for its sake.
import { isDeepStrictEqual } from 'node:util'
import type { Renderings } from '../engine.ts'
import { inTemplate } from '../kustomize/trace/locate-elsewhere.ts'
import type { Build } from '../model/build.ts'
import type { KubernetesObject } from '../model/resource.ts'
import { type Fault, fileOf, type NotExamined } from '../model/place.ts'
import { listFiles } from '../read-tree.ts'
import { nameSetBuild, nameSourceBuild } from './assemble.ts'

/** What stood in the way of the sources, and what ApplicationSets do wrong. */
export function* listSourceFaults(builds: readonly Build[], { sources, expansions }: Renderings): Generator<Fault> {
  const seen = new Set(builds.flatMap(({ resources }) => resources.map(({ object }) => object)))
  for (const resource of builds.flatMap(build => build.resources)) {
    for (const { faults } of sources.get(resource.object) ?? []) {
      for (const { ruleId, message, values, severity, fieldPath, range } of faults) {
        const place = range ? { range, fieldPath } : { resource, fieldPath }
        yield { ruleId, message, severity, values, places: [place] }
      }
    }
    // Of what another build has under the same name, a folder that is gone is known all the same.
    for (const one of expansions.get(resource.object)?.applications.filter(made => !seen.has(made)) ?? []) {
      for (const { state, path, fieldPath } of sources.get(one) ?? []) {
        if (state.kind !== 'missing') continue
        const places: Fault['places'] = [{ resource, fieldPath: inTemplate([...fieldPath, 'path']) }]
        yield { ruleId: 'application-path-missing', message: `path ${path} ${state.reason}`, values: [path], places }
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

const isMade = (kind: Build['kind']): boolean => kind === 'source' || kind === 'generated'

/** What Argo CD would render and this program does not: nothing of it is silent. */
export function listUnjudged(builds: readonly Build[], { sources, expansions }: Renderings): readonly NotExamined[] {
  const unjudged: NotExamined[] = []
  const made = new Map(builds.flatMap(({ id, kind, resources }) => (isMade(kind) ? [[id, resources] as const] : [])))
  // Builds that may be alternatives bring each their own: what is made of one of them stands for all.
  const isAnother = (id: string, objects: readonly KubernetesObject[]): boolean => {
    const known = made.get(id)
    return (
      known !== undefined &&
      !isDeepStrictEqual(
        known.map(one => one.object),
        objects,
      )
    )
  }
  for (const resource of builds.flatMap(build => build.resources)) {
    const variants = (sources.get(resource.object) ?? []).filter(
      one =>
        one.state.kind === 'objects' &&
        isAnother(
          nameSourceBuild(resource.object, one),
          one.state.objects.map(({ object }) => object),
        ),
    )
    const expansion = expansions.get(resource.object)
    if (variants.length > 0 || (expansion && isAnother(nameSetBuild(resource.name), expansion.applications))) {
      unjudged.push({
        place: { resource, fieldPath: ['metadata', 'name'] },
        reason: 'what an Application or ApplicationSet makes that another build has under the same name',
        detail: `${resource.kind} ${resource.name} of ${resource.build}`,
      })
    }
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
