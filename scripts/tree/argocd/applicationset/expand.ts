// Makes the Applications of an ApplicationSet, and says what Argo CD would refuse on the way.
import { listAt, mappingAt, stringAt, valueAt } from '../../model/build.ts'
import type { FieldPath } from '../../model/place.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import { type ArgocdFault, refused, withoutEffect } from '../fault.ts'
import { generate, listGenerators } from './generators/generate.ts'
import { renderDeep } from './generators/values.ts'
import type { GeneratorWorld, Mode } from './generators/world.ts'
import type { TemplateError } from './go-template.ts'
import { normalizeSpec } from './normalize.ts'
import { fillFrom, mergeOver, type Parameters } from './parameters.ts'
import { readYaml } from './read-yaml.ts'
import { findUnknownReferencesIn } from '../source/unknown-references.ts'
import { applyPatch } from './template-patch.ts'

export interface Expansion {
  readonly applications: readonly KubernetesObject[]
  readonly faults: readonly ArgocdFault[]
  /** Why not all of its Applications are known, if so. */
  readonly unknown: readonly string[]
}

/** Expands an ApplicationSet whose shape the schema takes. */
export async function expandApplicationSet(set: KubernetesObject, world: GeneratorWorld): Promise<Expansion> {
  const isGo = valueAt(set, ['spec', 'goTemplate']) === true
  const options = listAt(set, ['spec', 'goTemplateOptions']).filter((one): one is string => typeof one === 'string')
  const mode: Mode = { isGo, options }
  const faults: ArgocdFault[] = []
  const unknown: string[] = []
  const applications: KubernetesObject[] = []
  if (isGo && !world.render) return { applications, faults, unknown: ['Go templates, without helm,'] }
  const entries = listAt(set, ['spec', 'generators'])
  for (const [index, entry] of entries.entries()) {
    const at: FieldPath = ['spec', 'generators', index]
    if (listGenerators(entry).length === 0)
      faults.push(withoutEffect(at, 'this entry names no generator that Argo CD knows', ['unknown-generator']))
    for (const result of await generate(entry, mode, world)) {
      if (result.kind === 'error') faults.push(refused(at, result.message, ['refused-generator', result.generator]))
      else if (result.kind === 'unknown') unknown.push(result.reason)
      else {
        const template = fillFrom(result.template ?? {}, valueAt(set, ['spec', 'template']) ?? {})
        const made = await makeApplications(set, template, result.sets, mode, world)
        if ('fault' in made) faults.push(made.fault)
        else {
          applications.push(...made.applications)
          faults.push(...made.faults)
        }
      }
    }
  }
  // What is told of a generator says why nothing is made.
  const isTold = faults.length > 0 || unknown.length > 0
  if (applications.length === 0 && !isTold && Array.isArray(valueAt(set, ['spec', 'generators']))) {
    faults.push(withoutEffect(['spec', 'generators'], 'no Application is generated', ['makes-nothing']))
  }
  const written = unknown.length > 0 ? [...findUnknownReferencesIn(valueAt(set, ['spec']), ['spec'])] : []
  return { applications, faults: [...faults, ...checkNames(applications), ...written], unknown }
}

async function makeApplications(
  set: KubernetesObject,
  template: unknown,
  sets: readonly Parameters[],
  mode: Mode,
  world: GeneratorWorld,
): Promise<{ applications: KubernetesObject[]; faults: ArgocdFault[] } | { fault: ArgocdFault }> {
  const bare = { metadata: mappingAt(template, ['metadata']) ?? {}, spec: mappingAt(template, ['spec']) ?? {} }
  // A template is left as it is where there is nothing to put in.
  const full = sets.filter(one => Object.keys(one).length > 0)
  const rendered = await renderDeep(
    full.map(() => bare),
    full,
    mode,
    world,
  )
  if ('error' in rendered) return { fault: faultOfTemplate(set, rendered) }
  const values = [...rendered.values, ...sets.filter(one => Object.keys(one).length === 0).map(() => bare)]
  const patch = stringAt(set, ['spec', 'templatePatch'])
  const namespace = stringAt(set, ['metadata', 'namespace'])
  const patches = patch === undefined ? undefined : await renderPatches(patch, full, mode, world)
  if (patches && 'fault' in patches) return patches
  const faults: ArgocdFault[] = []
  const applications = values.map((value, index) => {
    let application = value as Parameters
    const own = patches?.patches[index]
    if (own) {
      const project = valueAt(application, ['spec', 'project'])
      const merged = applyPatch(application, own)
      if (merged === undefined)
        faults.push(refused(['spec', 'templatePatch'], '$patch must be delete, merge or replace', ['odd-directive']))
      application = dropNulls(merged ?? application) as Parameters
      if (valueAt(own, ['spec', 'project']) !== undefined && valueAt(own, ['spec', 'project']) !== project) {
        faults.push(
          withoutEffect(['spec', 'templatePatch'], 'templatePatch cannot change spec.project', ['patched-project']),
        )
        application = mergeOver(application, { spec: { project } })
      }
    }
    const metadata = { ...(valueAt(application, ['metadata']) as Parameters) }
    if (namespace === undefined) delete metadata.namespace
    else metadata.namespace = namespace
    return {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata,
      spec: normalizeSpec(valueAt(application, ['spec'])),
    } as unknown as KubernetesObject
  })
  return { applications, faults }
}

async function renderPatches(
  patch: string,
  sets: readonly Parameters[],
  mode: Mode,
  world: GeneratorWorld,
): Promise<{ patches: readonly (Parameters | undefined)[] } | { fault: ArgocdFault }> {
  const path: FieldPath = ['spec', 'templatePatch']
  const rendered = await renderDeep(
    sets.map(() => patch),
    sets,
    mode,
    world,
  )
  if ('error' in rendered) return { fault: refused(path, rendered.error, ['patch-not-rendered']) }
  const patches: (Parameters | undefined)[] = []
  for (const text of rendered.values) {
    let value: unknown
    try {
      value = readYaml(String(text))
    } catch {
      return { fault: refused(path, 'templatePatch does not render to YAML', ['patch-not-yaml']) }
    }
    if (value === null || value === undefined) patches.push(undefined)
    else if (typeof value !== 'object' || Array.isArray(value)) {
      return {
        fault: refused(path, 'templatePatch must render to a mapping, a part of an Application', ['patch-not-mapping']),
      }
    } else patches.push(value as Parameters)
  }
  return { patches }
}

/** A null in a patch takes the field away. */
function dropNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const kept = Object.entries(value).filter(([, one]) => one !== null)
  return Object.fromEntries(kept.map(([key, one]) => [key, dropNulls(one)]))
}

/** Where a text that cannot be rendered stands in the template. */
function faultOfTemplate(set: KubernetesObject, { error, text, option }: TemplateError): ArgocdFault {
  const at: FieldPath = ['spec', 'template']
  if (option !== undefined) return refused(['spec', 'goTemplateOptions'], error, ['unknown-option', option])
  const path = text === undefined ? undefined : findText(valueAt(set, at), text)
  return refused([...at, ...(path ?? [])], `the template cannot be rendered: ${error}`, [
    'template-not-rendered',
    text ?? '',
  ])
}

function findText(value: unknown, text: string): FieldPath | undefined {
  if (value === text) return []
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, one] of Object.entries(value)) {
    const below = findText(one, text)
    if (below) return [Array.isArray(value) ? Number(key) : key, ...below]
    if (key === text && !Array.isArray(value)) return [key]
  }
  return undefined
}

/** Argo CD finds its Applications again by their names. */
function* checkNames(applications: readonly KubernetesObject[]): Generator<ArgocdFault> {
  const path: FieldPath = ['spec', 'template', 'metadata', 'name']
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const application of applications) {
    const name = stringAt(application, ['metadata', 'name']) ?? ''
    if (name === '') yield refused(path, 'an Application without a name is generated', ['no-name'])
    else if (seen.has(name)) twice.add(name)
    seen.add(name)
    if (stringAt(application, ['spec', 'project']) === '') {
      yield refused(['spec', 'template', 'spec', 'project'], 'an Application of an ApplicationSet needs a project', [
        'no-project',
      ])
    }
  }
  for (const name of twice)
    yield refused(path, `several Applications are generated with the name ${name}`, ['repeated-name', name])
}
