// Works out what a promotion edits: the target environment runs the images of the source, and takes the settings that travel.
import { posix } from 'node:path'
import { Problem } from '../../command/problem.ts'
import { baseName, type Container, listContainers } from '../../tree/model/containers.ts'
import type { ImageReference } from '../../tree/model/image-reference.ts'
import { showReference, writeImage } from '../../tree/model/image-reference.ts'
import { type Edits, layOver } from '../../tree/source/edit.ts'
import { isKustomizationName, type Sources } from '../../tree/source/sources.ts'
import type { Environment } from '../environment.ts'
import { type Rendered, type RenderedBuilds, readText, renderBuilds } from '../rendered.ts'
import { listImages, setImage } from '../text/kustomization/images.ts'
import { findWriters, replaceAt, requireOthersUnchanged } from '../writer.ts'
import { findTwin, registryOf } from './containers.ts'
import { parseImage } from './image.ts'
import { listUnheeded, takeSettings } from './settings.ts'

/** One container that is to run another image. */
export interface Move {
  readonly environment: Environment
  readonly container: Container
  readonly wanted: ImageReference
  /** The name under which images: of an overlay knows it; undefined where none does. */
  readonly entry: string | undefined
}

export interface Promotion {
  readonly edits: Edits
  readonly moves: readonly Move[]
  readonly before: RenderedBuilds
  readonly after: RenderedBuilds
  readonly notes: readonly string[]
}

export interface Source {
  readonly name: string
  readonly rendered: Rendered
  /** Its overlay, for the settings that travel. */
  readonly environment?: Environment
  readonly sources: Sources
}

/** Renders an environment as it is. Throws where it does not render. */
export async function openSource(sources: Sources, environment: Environment): Promise<Source> {
  const { folder, name } = environment
  const rendered = (await renderBuilds(sources, [folder])).get(folder) as Rendered
  if (rendered.error) throw new Problem(`${folder} does not render: ${rendered.error}`)
  return { name, rendered, environment, sources }
}

/** Every target runs what the source runs, and has its settings that travel. */
export async function takeOver(
  sources: Sources,
  source: Source,
  targets: readonly Environment[],
  what: 'images' | 'images and settings' = 'images and settings',
): Promise<Promotion> {
  const containers = listContainers(source.rendered.objects)
  if (containers.length === 0) throw new Problem(`${source.name} runs no containers: there is nothing to promote`)
  return move(
    sources,
    targets,
    rendered => {
      const present = listContainers(rendered.objects)
      return containers.flatMap(container => {
        const twin = findTwin(container, present)
        if (!twin || twin.image === container.image) return []
        const { reference, image, name, kind, owner } = container
        if (!reference)
          throw new Problem(
            `${source.name} has ${JSON.stringify(image)} for ${name} of ${kind} ${owner}, which is not an image`,
          )
        // What ran is run again as it was, from the registry that had it.
        return [{ twin, reference, isAsGiven: what === 'images' }]
      })
    },
    what === 'images' ? undefined : source,
  )
}

/** The image that a build gave, for each container that runs it under an older version. */
export async function takeImage(sources: Sources, text: string, targets: readonly Environment[]): Promise<Promotion> {
  const reference = parseImage(text)
  const choose = (rendered: Rendered, target: Environment) => {
    const present = listContainers(rendered.objects)
    const exact = present.filter(one => one.reference?.repository === reference.repository)
    const named = present.filter(
      one => one.reference && baseName(one.reference.repository) === baseName(reference.repository),
    )
    const fitting = exact.length ? exact : named
    if (fitting.length === 0) {
      const names = [...new Set(present.map(({ image }) => image))].join(', ') || 'none'
      throw new Problem(`nothing in ${target.name} runs ${reference.repository}. It runs: ${names}`)
    }
    return fitting.map(twin => ({ twin, reference, isAsGiven: true }))
  }
  return move(sources, targets, choose, undefined)
}

interface Choice {
  readonly twin: Container
  readonly reference: ImageReference
  /** The registry is the one that was named. */
  readonly isAsGiven?: boolean
}

async function move(
  sources: Sources,
  targets: readonly Environment[],
  choose: (rendered: Rendered, target: Environment) => readonly Choice[],
  settings: Source | undefined,
): Promise<Promotion> {
  const folders = targets.map(({ folder }) => folder)
  const before = await renderBuilds(sources, folders)
  const edits = new Map<string, Uint8Array | null>()
  const moves: Move[] = []
  const notes = new Set<string>()
  for (const target of targets) {
    const rendered = before.get(target.folder) as Rendered
    if (rendered.error) throw new Problem(`${target.folder} does not render: ${rendered.error}`)
    const wanted = choose(rendered, target).map(({ twin, reference, isAsGiven }) => ({
      container: twin,
      wanted: isAsGiven ? reference : keepRegistry(reference, twin, target),
    }))
    for (const { container, wanted: image } of wanted) {
      const [from, to] = [registryOf(container.reference?.repository ?? container.image), registryOf(image.repository)]
      if (from !== to)
        notes.add(`the registry changes from ${from || NO_REGISTRY} to ${to || NO_REGISTRY} in ${target.name}`)
    }
    const open = wanted.filter(({ container, wanted: image }) => container.image !== writeImage(image))
    const step = await changeImages(layOver(sources, edits), target, open)
    for (const [path, content] of step.edits) edits.set(path, content)
    moves.push(...step.moves)
    if (!settings?.environment) continue
    const taken = takeSettings(settings.sources, settings.environment, layOver(sources, edits), target)
    for (const [path, content] of taken) edits.set(path, content)
    for (const note of listUnheeded(settings.sources, settings.environment)) notes.add(note)
  }
  const after = await renderBuilds(layOver(sources, edits), folders)
  for (const target of targets) await requireOthersUnchanged(sources, onlyOf(edits, before, after, target), target)
  return { edits, moves, before, after, notes: [...notes] }
}

const NO_REGISTRY = 'none (Docker Hub, or what the node has)'

/** The edits of files that the target reads: what others read of them must stay as it is. */
const onlyOf = (edits: Edits, before: RenderedBuilds, after: RenderedBuilds, { folder }: Environment): Edits =>
  new Map([...edits].filter(([path]) => before.get(folder)?.reads.has(path) || after.get(folder)?.reads.has(path)))

/**
 * The version is the source's; the registry stays the target's, which may only reach a mirror. validation.yaml may say
 * which registries the target has; where the target names none, the source's is taken.
 */
function keepRegistry(reference: ImageReference, twin: Container, { declared }: Environment): ImageReference {
  const own = twin.reference?.repository
  const isSame = own !== undefined && baseName(own) === baseName(reference.repository)
  const [mapped] = declared?.registries ?? []
  const isAllowed = declared?.registries.some(registry => reference.repository.startsWith(`${registry}/`))
  if (isSame && registryOf(own)) return { ...reference, repository: own }
  if (mapped !== undefined && !isAllowed && registryOf(reference.repository)) {
    return { ...reference, repository: `${mapped}/${baseName(reference.repository)}` }
  }
  return reference
}

async function changeImages(
  sources: Sources,
  target: Environment,
  open: readonly { readonly container: Container; readonly wanted: ImageReference }[],
): Promise<{ readonly edits: Edits; readonly moves: readonly Move[] }> {
  const { folder, file } = target
  const edits = new Map<string, Uint8Array | null>()
  const moves: Move[] = []
  const writers = await findWriters(
    sources,
    target,
    open.map(({ container }) => container),
  )
  for (const [index, { container, wanted }] of open.entries()) {
    const current = layOver(sources, edits)
    const writer = writers[index]
    // An entry of images in a component, or between the base and the overlay, is changed where it stands.
    const place = writer && isKustomizationName(posix.basename(writer.range.file)) ? writer.range.file : file
    const text = readText(current, place)
    const entry = findEntry(place, text, container, writer?.range.file === place ? writer.range.line : undefined)
    const isEntry = writer === undefined || (writer.range.file === place && entry !== undefined)
    const field = `the image of ${container.name} in ${container.kind} ${container.owner}`
    if (writer?.others.length && !writer.isManifest && !(isEntry && place === file)) {
      throw new Problem(
        `${writer.place} decides ${field}, and ${writer.others.join(', ')} read it too: change it there, or take it out`,
      )
    }
    const isOwn = writer !== undefined && !isEntry && writer.others.length === 0
    // kustomize looks for the name that the image has when the overlay begins.
    const name = entry ?? container.reference?.repository ?? container.image
    const path = isOwn ? writer.range.file : isEntry ? place : file
    const edited = isOwn
      ? replaceAt(current, writer, container.image, writeImage(wanted))
      : setImage(path, path === place ? text : readText(current, path), name, {
          newName: wanted.repository === name ? undefined : wanted.repository,
          newTag: wanted.tag,
          digest: wanted.digest,
        })
    edits.set(path, Buffer.from(edited))
    moves.push({ environment: target, container, wanted, entry: isOwn ? undefined : name })
  }
  const after = (await renderBuilds(layOver(sources, edits), [folder])).get(folder) as Rendered
  if (after.error) throw new Problem(`with this change ${folder} would not render: ${after.error}`)
  const now = listContainers(after.objects)
  const wrong = open.findIndex(({ container, wanted }) => findSame(now, container)?.image !== writeImage(wanted))
  const failed = open[wrong]
  if (failed) {
    const { container, wanted } = failed
    const place = writers[wrong]?.place
    throw new Problem(
      `no edit here makes ${container.name} in ${container.kind} ${container.owner} run ${showReference(wanted)}` +
        `${place ? `: ${place} decides its image` : ''}`,
    )
  }
  return { edits, moves }
}

const findSame = (containers: readonly Container[], wanted: Container): Container | undefined =>
  containers.find(
    one =>
      one.kind === wanted.kind &&
      one.owner === wanted.owner &&
      one.name === wanted.name &&
      one.fieldPath.join() === wanted.fieldPath.join(),
  )

/** The entry of `images` that made the image what it is: the one on the line, else the one whose words it has. */
function findEntry(path: string, text: string, { reference }: Container, line: number | undefined): string | undefined {
  const images = listImages(path, text)
  if (line !== undefined) return images.findLast(image => image.line <= line && line <= image.endLine)?.name
  const says = (written: string | undefined, run: string | undefined): boolean =>
    written === undefined || written === run
  return images.find(
    ({ name, newName, newTag, digest }) =>
      (newName ?? name) === reference?.repository && says(newTag, reference.tag) && says(digest, reference.digest),
  )?.name
}
