// Values and files that another program fills in before anything is applied: what will stand there is not known.

import type { Application } from '../tree/argocd/application.ts'
import type { Deployment } from '../tree/deploy.ts'
import type { Renderings } from '../tree/engine.ts'
import { listPluginInputs } from '../tree/kustomize/graph/plugin-inputs.ts'
import { type Build, listAt, type Resource, stringAt, valueAt } from '../tree/model/build.ts'
import { type Fault, type FieldPath, isResourcePlace, type NotExamined } from '../tree/model/place.ts'
import { findArgocdPlugin } from './cluster-traits.ts'
import { findCompletion, isAdded, isMissing } from './completed.ts'
import { isScaffold, openNotes } from './notes.ts'
import { findByUse, type Use } from './placeholder-patterns.ts'

/** A file that is copied and filled in: `template.yaml`, `web.template.yaml`. */
const FORM = /(?:^|[/.])(?:template|tmpl|tpl)\.(?:ya?ml|json)$/
/** What sops makes of a value. */
const ENCRYPTED = /^ENC\[/

const FILLED_IN = 'a value that another program fills in'

/**
 * Takes out what is said of such values and files. Argo CD fills in nothing without a plugin, so what an Application syncs
 * is meant as it is written.
 */
export function withoutPlaceholders(
  faults: readonly Fault[],
  { applications, builds }: Pick<Deployment, 'applications' | 'builds'>,
  { tree, partial, salvaged }: Pick<Renderings, 'tree' | 'partial' | 'salvaged'>,
): { readonly faults: readonly Fault[]; readonly notExamined: readonly NotExamined[] } {
  const synced = listSynced({ applications: applications.filter(one => !isForm(one)) })
  const inputs = listPluginInputs(tree.graph, tree.sources)
  const hasPlugin = findArgocdPlugin(tree)
  const completion = findCompletion(builds, { tree })
  const schemes = listSchemes(faults)
  const isLaidOver = findPatches(faults, builds)
  const noteOn = openNotes(tree)
  const isOfChart = findChartsToBe(builds)
  const notExamined: NotExamined[] = []
  const kept = faults.filter(fault => {
    const [place] = fault.places
    const leave = (reason: string, detail: string): boolean => {
      notExamined.push({ place, reason, detail })
      return false
    }
    if (!isResourcePlace(place)) {
      if ((fault.builds ?? []).some(build => synced.has(build))) return true
      const later = completion.ofFile(fault)
      return later === undefined ? true : leave(later, fault.message)
    }
    const { resource, fieldPath } = place
    const value = valueAt(resource.object, fieldPath)
    const isPart = partial.has(resource.build) || salvaged.has(resource.build)
    const variable = isPart && typeof value === 'string' ? findByUse(value, ['var']) : undefined
    if (variable !== undefined) return leave(FILLED_IN, variable)
    const secret = typeof value === 'string' ? findByUse(value, ['vault']) : undefined
    if (secret !== undefined) return leave(FILLED_IN, secret)
    const completed = completion.of(fault, resource)
    if (completed !== undefined) return leave(completed, `${resource.kind} ${resource.name}`)
    if (synced.has(resource.build) && !(isFilled(value, fault) && hasPlugin())) return true
    if (isOfChart(resource.build))
      return leave('an object of which a template of a Helm chart is made', `${resource.kind} ${resource.name}`)
    if (isPartOfDefinition(resource) && !isCertain(fault))
      return leave('a part of a definition, which a generator merges', `${resource.kind} ${resource.name}`)
    if (isAdded(fault) && (isPartOfWorkload(resource) || isLaidOver(resource)))
      return leave('a patch that no kustomization reads', `${resource.kind} ${resource.name}`)
    const { origin } = resource
    if (inputs.has(origin.kind === 'document' ? origin.file : resource.build) && !isCertain(fault))
      return leave('an object that a plugin completes', `${resource.kind} ${resource.name}`)
    if (isEncrypted(resource) && (fieldPath[0] === 'sops' || (typeof value === 'string' && ENCRYPTED.test(value)))) {
      return leave('an object that sops has encrypted', `${resource.kind} ${resource.name}`)
    }
    const note = noteOn(fault, resource) ?? (isScaffold(fault, resource) ? 'spec' : undefined)
    if (note !== undefined) return leave(FILLED_IN, note)
    const scheme = readScheme(fault)
    if (scheme !== undefined && schemes.has(scheme)) return leave(FILLED_IN, `${scheme}:…`)
    const text = typeof value !== 'string' && isOfType(fault) ? writeBrackets(value) : value
    const found =
      findInName(fault, fieldPath) ??
      findInKey(fault, fieldPath, value) ??
      (typeof text === 'string' ? findPlaceholder(text, fault, resource) : undefined)
    return found === undefined ? true : leave(FILLED_IN, found)
  })
  return { faults: kept, notExamined }
}

/** An Application whose own repository is filled in first syncs what is filled in with it. */
const isForm = ({ resource, sources }: Application): boolean =>
  sources.some(
    ({ fieldPath }) =>
      findByUse(stringAt(resource.object, [...fieldPath, 'repoURL']) ?? '', ['variable']) !== undefined,
  )

/** Whether it holds what a plugin of Argo CD is there for. */
const isFilled = (value: unknown, fault: Fault): boolean =>
  typeof value === 'string' && findIn(value, ['variable'], fault) !== undefined

/** What only a chart has in the name of an object or beside it. */
const OF_CHART = /\{\{[^{}]*\.(?:Values|Release|Chart)\b/

/** Builds that are written to be the templates of a chart: other words in them stand for whole blocks of it. */
function findChartsToBe(builds: readonly Build[]): (build: string) => boolean {
  let found: ReadonlySet<string> | undefined
  const isOne = ({ resources }: Build): boolean =>
    resources.some(({ object }) =>
      ['name', 'namespace', 'labels'].some(field =>
        OF_CHART.test(JSON.stringify(valueAt(object, ['metadata', field])) ?? ''),
      ),
    )
  return build => {
    found ??= new Set(builds.filter(isOne).map(({ id }) => id))
    return found.has(build)
  }
}

/** Builds that Applications bring. */
export const listSynced = ({ applications }: Pick<Deployment, 'applications'>): ReadonlySet<string> =>
  new Set(
    applications.flatMap(({ sources }) =>
      sources.flatMap(({ state }) => (state.kind === 'builds' ? state.builds.map(({ id }) => id) : [])),
    ),
  )

/** `store` of `store:path`, which is not base64. A URL is an address, in clear text by mistake. */
function readScheme({ ruleId, places: [place] }: Fault): string | undefined {
  if (ruleId !== 'schema-validation' || !isResourcePlace(place)) return undefined
  const { resource, fieldPath } = place
  if (resource.kind !== 'Secret' || fieldPath[0] !== 'data') return undefined
  return /^([a-z][a-z0-9+.-]*):(?!\/\/)\S/.exec(stringAt(resource.object, fieldPath) ?? '')?.[1]
}

/** What several values of Secrets begin with is how a program knows what to look up. */
function listSchemes(faults: readonly Fault[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const scheme of faults.map(readScheme)) if (scheme) counts.set(scheme, (counts.get(scheme) ?? 0) + 1)
  return new Set([...counts].flatMap(([scheme, count]) => (count >= FEWEST_OF_A_SCHEME ? [scheme] : [])))
}

/** Fewer may be a name and its password. */
const FEWEST_OF_A_SCHEME = 3

/** Whatever is added to an object, what is wrong in it stays wrong. */
const isCertain = ({ ruleId, values: [keyword] }: Fault): boolean =>
  ruleId === 'unknown-kind' || ruleId === 'boolean-key' || (ruleId === 'schema-validation' && keyword !== 'required')

/** What Spark makes its pods of: `driver-pod-template.yaml`. */
const POD_FORM = /(?:^|\/)[\w.-]*pod-?template[\w.-]*$/i
/** Without a selector, labels and any image: nobody writes a workload so, and who patches one needs no more. */
function isPartOfWorkload({ object, origin, kind }: Resource): boolean {
  const isPod = kind === 'Pod' && origin.kind === 'document' && POD_FORM.test(origin.file)
  if (isPod) return listAt(object, ['spec', 'containers']).every(one => valueAt(one, ['image']) === undefined)
  const template = origin.kind === 'document' ? valueAt(object, ['spec', 'template']) : undefined
  const containers = listAt(template, ['spec', 'containers'])
  if (containers.length === 0 || containers.some(one => valueAt(one, ['image']) !== undefined)) return false
  return [valueAt(object, ['spec', 'selector']), valueAt(template, ['metadata', 'labels'])].every(
    one => one === undefined,
  )
}

/** A definition with versions, and without a group, names and a scope, has its name alone to say what it is laid over. */
const isPartOfDefinition = ({ object, origin, kind }: Resource): boolean =>
  kind === 'CustomResourceDefinition' &&
  origin.kind === 'document' &&
  ['group', 'names', 'scope'].every(field => valueAt(object, ['spec', field]) === undefined) &&
  listAt(object, ['spec', 'versions']).length > 0 &&
  listAt(object, ['spec', 'versions']).every(one => valueAt(one, ['served']) === undefined)

/** A loose manifest that lacks what an object of the same name, which is built, has: it is laid over that. */
function findPatches(faults: readonly Fault[], builds: readonly Build[]): (resource: Resource) => boolean {
  const lacking = new Set(
    faults.flatMap(fault => (isMissing(fault) && isResourcePlace(fault.places[0]) ? [fault.places[0].resource] : [])),
  )
  const isLoose = ({ origin }: Resource): boolean => origin.kind === 'document'
  if (![...lacking].some(isLoose)) return () => false
  const nameOf = ({ group, kind, name }: Resource): string => JSON.stringify([group, kind, name])
  const whole = new Set(
    builds
      .flatMap(({ kind, resources }) => (kind === 'kustomize' ? resources : []))
      .filter(one => !lacking.has(one))
      .map(nameOf),
  )
  return resource => isLoose(resource) && lacking.has(resource) && whole.has(nameOf(resource))
}

const isEncrypted = ({ object }: Resource): boolean => stringAt(object, ['sops', 'mac']) !== undefined

/** Whether something else may stand in the place of a value of a build that is not rendered. */
export function isFilledInLater(value: unknown, fault: Pick<Fault, 'ruleId' | 'values'>): boolean {
  return typeof value === 'string' && findIn(value, ['var', 'variable', 'word', 'blank'], fault) !== undefined
}

/** What is written in a file, or built of such; an ApplicationSet and a chart have filled in what they say already. */
function findPlaceholder(value: string, fault: Fault, { origin, kind }: Resource): string | undefined {
  const isWritten = (origin.kind === 'document' || origin.kind === 'rendered') && kind !== 'ApplicationSet'
  const isForm = origin.kind === 'document' && FORM.test(origin.file)
  const isName = fault.ruleId === 'api-validation'
  const isShort = isOfType(fault) || fault.places[0].fieldPath.at(-1) === 'caBundle'
  const uses: readonly (readonly [Use, boolean])[] = [
    ['variable', true],
    ['word', true],
    ['blank', isWritten],
    ['var', origin.kind === 'document'],
    ['snake', isForm],
    ['noun', isName],
    ['shout', isShort],
  ]
  return findIn(
    value,
    uses.flatMap(([use, isHere]) => (isHere ? [use] : [])),
    fault,
  )
}

/** `${COMMENT}namespace`: what fills it in makes the name of a field of it, or leaves the line out. */
const findInName = ({ ruleId, values }: Fault, path: FieldPath): string | undefined =>
  ruleId === 'schema-validation' && values[0] === 'additionalProperties'
    ? findByUse(String(path.at(-1)), ['variable', 'field'])
    : undefined

/** `FILLED_BY_A_PROGRAM`, and `${ROLE/#a/b: c}`, a replacement in a variable, which YAML takes for a key and a value. */
const findInKey = ({ ruleId }: Fault, path: FieldPath, value: unknown): string | undefined => {
  const key = String(path.at(-1))
  if (ruleId === 'api-validation' && findByUse(key, ['key']) !== undefined) return key
  const isReplacement = /^\$\{[A-Za-z_]\w*[/#%:,^][^}]*$/.test(key) && String(value).endsWith('}')
  return ruleId === 'api-validation' && isReplacement ? `${key}: ${String(value)}` : undefined
}

/** Whether it says that a value is of another type. */
const isOfType = ({ ruleId, values }: Fault): boolean => ruleId === 'schema-validation' && values[0] === 'type'

/** `{name}`, of which YAML makes a mapping of a name to nothing, and `[YOUR_NAME]`, of which it makes a list. */
function writeBrackets(value: unknown): string {
  if (Array.isArray(value)) return value.length === 1 && /^[A-Z\d]+(?:_[A-Z\d]+)+$/.test(value[0]) ? value[0] : ''
  const [[name, one] = [], ...more] = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return name !== undefined && one === null && more.length === 0 ? `<${name}>` : ''
}

function findIn(
  text: string,
  uses: readonly Use[],
  { ruleId, values }: Pick<Fault, 'ruleId' | 'values'>,
): string | undefined {
  // Whatever is filled in, a field that nobody knows stays one.
  if (values[0] === 'additionalProperties') return undefined
  const isName = ruleId === 'api-validation' || (ruleId === 'schema-validation' && values[0] !== 'enum')
  return findByUse(
    text,
    uses.filter(use => use !== 'word' || isName),
  )
}
