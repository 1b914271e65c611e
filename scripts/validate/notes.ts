// What the author of a manifest says that others are to fill in: by a note beside a value, or in its place.
import type { Renderings } from '../tree/engine.ts'
import { type Resource, valueAt } from '../tree/model/build.ts'
import type { Fault, FieldPath } from '../tree/model/place.ts'
import { SourceFile } from '../tree/source/source-file.ts'
import { isAdded } from './completed.ts'

/** `# Replace this with the name of your image`, in the line of a value or above it. What only explains a value is none. */
const NOTE =
  /#.*?\b((?:replace (?:this|me|it|with)|change (?:this|it|me) to your|fill in (?:this|your?)|(?:insert|put|enter) your)\b.*)/i
/** Lines above a value. */
const NEAR = 4

/** What a note beside a value of a file says of it. A name of another object is not made up by it. */
export function openNotes({ sources }: Renderings['tree']): (fault: Fault, resource: Resource) => string | undefined {
  const known = new Map<string, readonly string[]>()
  const linesOf = (file: SourceFile): readonly string[] => {
    const lines = known.get(file.path) ?? file.text.split('\n')
    known.set(file.path, lines)
    return lines
  }
  return (fault, { origin }) => {
    const { ruleId, values } = fault
    const [{ fieldPath }] = fault.places
    if (!VALUE_RULES.has(ruleId) || values[0] === 'additionalProperties' || origin.kind !== 'document') return undefined
    const file = sources.read(origin.file)
    if (!(file instanceof SourceFile) || !file.holds('#')) return undefined
    const blank = isAdded(fault) ? findBlank(file, linesOf(file), origin.document ?? 0, fieldPath) : undefined
    if (blank !== undefined) return blank
    const { line } = file.rangeOf(origin.document ?? 0, fieldPath)
    const lines = linesOf(file).slice(Math.max(line - NEAR, 0), line)
    const above = lines.slice(0, -1)
    const comment = above.slice(above.findLastIndex(one => !one.trim().startsWith('#')) + 1)
    return [...comment, ...lines.slice(-1)].map(one => NOTE.exec(one)?.[1]).find(one => one !== undefined)
  }
}

/** `# namespace: <your-namespace>`, in the mapping that lacks the field. */
function findBlank(
  file: SourceFile,
  lines: readonly string[],
  document: number,
  fieldPath: FieldPath,
): string | undefined {
  const { line, column } = file.rangeOf(document, fieldPath.slice(0, -1))
  const rest = lines.slice(line)
  const end = rest.findIndex(one => one.trim() !== '' && one.search(/\S/) < column - 1)
  const start = `${fieldPath.at(-1)}:`
  return rest
    .slice(0, end < 0 ? rest.length : end)
    .flatMap(one => /^\s*#\s*(\S.*)$/.exec(one)?.[1] ?? [])
    .find(note => note.startsWith(start) && /^\s*(?:<[^<>]+>|\$\{[^{}]+\})/.test(note.slice(start.length)))
}

/** What kubebuilder writes for people to fill in: `foo: bar` as the whole `spec`, or in `samples/` what is left empty. */
export function isScaffold({ places: [{ fieldPath }] }: Fault, { object, origin, build }: Resource): boolean {
  if (fieldPath[0] !== 'spec') return false
  const isSample = /(?:^|\/)samples(?:\/|$)/.test(origin.kind === 'document' ? origin.file : build)
  return (
    JSON.stringify(valueAt(object, ['spec'])) === '{"foo":"bar"}' || (isSample && valueAt(object, fieldPath) === null)
  )
}

/** Rules that judge a value by itself. */
const VALUE_RULES: ReadonlySet<string> = new Set(['schema-validation', 'api-validation'])
