// Makes one field of an environment have one value, on the line that decides it, and leaves all else as it is rendered.
import { Problem } from '../../command/problem.ts'
import { valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import { type Edits, layOver } from '../../tree/source/edit.ts'
import type { Sources } from '../../tree/source/sources.ts'
import type { Environment } from '../environment.ts'
import { readText, type Rendered, renderBuilds } from '../rendered.ts'
import { findWriters, insertBeside, nameOf, replaceAt, requireOthersUnchanged, type Writer } from '../writer.ts'

export interface Entries {
  /** Texts of the overlay with an entry for the value, the likeliest first. */
  readonly candidates: readonly (() => string)[]
  /** Whether the overlay has such an entry by now. */
  readonly isEntry: boolean
  /** Fields of the same mapping: where nobody writes the value, it is written where one of them is. */
  readonly besides?: readonly { readonly field: string; readonly isBefore: boolean }[]
  readonly notes: string[]
}

/** Makes a field have a value, where it is decided; what the result renders to is the judge. */
export async function decide(
  sources: Sources,
  environment: Environment,
  object: KubernetesObject,
  fieldPath: FieldPath,
  value: number,
  entriesOf: (text: string) => Entries,
): Promise<Edits> {
  const entries = entriesOf(readText(sources, environment.file))
  const field = String(fieldPath.at(-1))
  const { besides = [] } = entries
  const siblings = besides.map(one => ({ object, fieldPath: [...fieldPath.slice(0, -1), one.field] }))
  const [writer, ...others] = await findWriters(sources, environment, [{ object, fieldPath }, ...siblings])
  // A manifest that several builds read says what holds where nobody says otherwise: an entry is for that.
  const isShared = writer !== undefined && writer.others.length > 0
  if (isShared && !writer.isManifest) {
    throw new Problem(
      `${writer.place} decides ${field}, and ${writer.others.join(', ')} read it too: change it there, or take it out`,
    )
  }
  const isOwn = writer !== undefined && !isShared
  if (isOwn && writer.range.file !== environment.file && entries.isEntry) {
    throw new Problem(
      `${writer.place} decides ${field} after ${environment.file}: remove one of the two, then run this again`,
    )
  }
  const texts: readonly Attempt[] = isOwn
    ? [[writer.range.file, () => replaceAt(sources, writer, valueAt(object, fieldPath), value)]]
    : [
        ...(writer
          ? []
          : others.flatMap((sibling, index) => placeBeside(sources, sibling, field, value, besides[index]))),
        ...entries.candidates.map(make => [environment.file, make] as const),
      ]
  if (isOwn && writer.overruled.length) {
    const stale = writer.overruled.filter(place => place.startsWith(`${environment.folder}/`))
    if (stale.length) entries.notes.push(`${stale.join(', ')} says ${field} too, and decides nothing`)
  }
  for (const [path, make] of texts) {
    const edits = new Map([[path, Buffer.from(make())]])
    if (await isExactly(sources, edits, environment, object, fieldPath, value)) return edits
  }
  throw new Problem(
    `no edit here makes ${field} of ${object.kind} ${object.metadata?.name} ${value}${writer ? `: ${writer.place} decides it` : ''}`,
  )
}

type Attempt = readonly [path: string, make: () => string]

/** A pair in the file where a field beside it stands, as long as nobody else reads that. */
function placeBeside(
  sources: Sources,
  sibling: Writer | undefined,
  key: string,
  value: number,
  beside: { readonly field: string; readonly isBefore: boolean } | undefined,
): readonly Attempt[] {
  if (!sibling || !beside || sibling.others.length) return []
  const text = insertBeside(sources, sibling, beside.field, { key, value, isBehind: beside.isBefore })
  return text === undefined ? [] : [[sibling.range.file, () => text]]
}

/** Whether with the edits this field has this value, and nothing else is rendered otherwise. */
async function isExactly(
  sources: Sources,
  edits: Edits,
  environment: Environment,
  object: KubernetesObject,
  fieldPath: FieldPath,
  value: number,
): Promise<boolean> {
  const { folder } = environment
  const [before, after] = await Promise.all([
    renderBuilds(sources, [folder]),
    renderBuilds(layOver(sources, edits), [folder]),
  ])
  const [old, now] = [before.get(folder) as Rendered, after.get(folder) as Rendered]
  if (now.error) return false
  const rest = (rendered: Rendered): string =>
    JSON.stringify(rendered.objects.map(one => (nameOf(one) === nameOf(object) ? without(one, fieldPath) : one)))
  const changed = now.objects.find(one => nameOf(one) === nameOf(object))
  if (valueAt(changed, fieldPath) !== value || rest(old) !== rest(now)) return false
  await requireOthersUnchanged(sources, edits, environment)
  return true
}

function without(object: KubernetesObject, [head = '', ...rest]: FieldPath): unknown {
  const { [head]: value, ...others } = object as unknown as Record<string, unknown>
  const sorted = Object.fromEntries(Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1)))
  return rest.length && value !== undefined ? { ...sorted, [head]: without(value as KubernetesObject, rest) } : sorted
}
