// Works out a promotion: the target environment runs the image of the source, and takes the literals that travel.
import { type Environment, findEnvironment, readText } from './environment.ts'
import { describeImage, parseImage, showImage } from './image.ts'
import {
  type Image,
  type ImageChoice,
  listImages,
  listLiterals,
  removeLiteral,
  setImage,
  setLiteral,
} from './kustomization.ts'
import type { Change } from './propose.ts'
import { Refusal, refuseUsage } from './refusal.ts'
import { renderTree } from './tree.ts'

/** From one environment to another: every image entry, and every literal marked `# promote`. */
export async function promote(
  root: string,
  sourceName: string | undefined,
  targetName: string | undefined,
): Promise<Change | string> {
  const source = findEnvironment(root, sourceName)
  if (targetName === undefined) throw refuseUsage(`say where ${source.name} is promoted to`)
  const target = findEnvironment(root, targetName)
  if (source.name === target.name) throw refuseUsage(`${source.name} cannot be promoted to itself`)
  const text = readText(root, source.file)
  const images = listImages(source.file, text)
  if (images.length === 0) throw new Refusal(`${source.file} names no images: there is nothing to promote`)
  const before = readText(root, target.file)
  const edited = takeLiterals(source, text, target, takeImages(images, target, before))
  if (edited === before)
    return `${target.name} runs what ${source.name} runs already: ${images.map(showImage).join(', ')}`
  const subject = `Promote ${source.name} to ${target.name}: ${describeImages(images)}`
  const branch = `promote-${source.name}-to-${target.name}-${versionOf(images[0])}`
  return { ...(await describeChange(root, target, edited, subject, branch)), sources: [source.file] }
}

/** A new image for one environment, as the build gives it. */
export async function promoteImage(
  root: string,
  reference: string,
  targetName: string | undefined,
): Promise<Change | string> {
  const target = findEnvironment(root, targetName)
  const { repository, tag, digest } = parseImage(reference)
  const text = readText(root, target.file)
  const images = listImages(target.file, text)
  const matching = images.filter(image => (image.newName ?? image.name) === repository || image.name === repository)
  const lastSegment = repository.slice(repository.lastIndexOf('/') + 1)
  const entry = matching[0] ?? images.find(image => image.name === lastSegment)
  if (!entry) {
    const names = images.map(image => image.newName ?? image.name).join(', ') || 'none'
    throw new Refusal(`${target.file} has no image entry for ${repository}. It has: ${names}`)
  }
  const choice = { newName: repository === entry.name ? undefined : repository, newTag: tag, digest }
  const edited = setImage(target.file, text, entry.name, choice)
  const description = describeImage({ name: entry.name, ...choice })
  if (edited === text) return `${target.name} runs ${showImage({ name: entry.name, ...choice })} already`
  // Without the version: a newer image takes over the pull request of an older one, instead of conflicting with it.
  const branch = `deploy-${target.name}`
  const change = await describeChange(root, target, edited, `Deploy ${description} to ${target.name}`, branch)
  const [from, to] = [entry.newName ?? entry.name, repository].map(registryOf)
  return from === to ? change : { ...change, notes: [`the registry changes from ${from} to ${to}`] }
}

const registryOf = (repository: string): string =>
  repository.includes('/')
    ? repository.slice(0, repository.lastIndexOf('/'))
    : 'none (Docker Hub, or what the node has)'

function takeImages(images: readonly Image[], target: Environment, text: string): string {
  let edited = text
  for (const { name, newName, newTag, digest } of images) {
    const choice: ImageChoice = { newName, newTag, digest }
    edited = setImage(target.file, edited, name, choice)
  }
  return edited
}

/** The target's travelling literals become the source's: set where they are, and gone where the source has none. */
function takeLiterals(source: Environment, sourceText: string, target: Environment, targetText: string): string {
  const travelling = listLiterals(source.file, sourceText).filter(({ travels }) => travels)
  let edited = targetText
  for (const { generator, key, value } of travelling) {
    edited = setLiteral(target.file, edited, generator, key, value)
  }
  const all = listLiterals(source.file, sourceText)
  for (const { generator, key, travels } of listLiterals(target.file, edited)) {
    if (travels && !all.some(literal => literal.generator === generator && literal.key === key)) {
      edited = removeLiteral(target.file, edited, generator, key)
    }
  }
  return edited
}

async function describeChange(
  root: string,
  { folder, file }: Environment,
  text: string,
  subject: string,
  branch: string,
): Promise<Change> {
  const edits = new Map([[file, Buffer.from(text)]])
  const before = await renderTree(root, new Map(), [folder])
  const after = await renderTree(root, edits, [folder])
  return { root, edits, before, after, subject, branch }
}

const describeImages = (images: readonly Image[]): string => images.map(describeImage).join(', ')

/** What tells this promotion's branch from others: the tag, or the first digits of the digest. */
const versionOf = (image: Image | undefined): string =>
  (image?.newTag ?? image?.digest?.slice('sha256:'.length).slice(0, 12) ?? 'image').replace(/\.+(?=\.|$)/g, '')
