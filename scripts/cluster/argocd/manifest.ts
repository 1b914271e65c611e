// Gets the install manifest of Argo CD: the pinned release, proven by its checksum, and what can be read off it.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf, Problem, usageProblem } from '../../command/problem.ts'

export interface Release {
  readonly version: string
  readonly url: string
  readonly sha256: string
}

export interface Manifest {
  readonly text: string
  readonly sha256: string
  /** The file that kubectl applies. */
  readonly file: string
  readonly source: string
}

export function readRelease(root: string): Release {
  const file = join(root, 'argocd/install/release.json')
  const release = JSON.parse(readFileSync(file, 'utf8')) as Partial<Release>
  const { version, url, sha256 } = release
  if (version === undefined || url === undefined || !/^[0-9a-f]{64}$/.test(sha256 ?? '')) {
    throw usageProblem(`${file}: version, url and a sha256 of 64 hex digits are needed`)
  }
  return { version, url, sha256: sha256 as string }
}

/**
 * The install manifest: the pinned release, whose checksum is verified, or `override` (a file or URL), whose checksum is
 * the business of whoever names it. A verified download is kept in `cache`.
 */
export async function loadManifest(
  release: Release,
  override: string | undefined,
  cache: string,
  signal: AbortSignal,
): Promise<Manifest> {
  if (override !== undefined) {
    const text = /^https?:/.test(override) ? await download(override, signal) : readOverride(override)
    const file = join(cache, 'argocd-override.yaml')
    keep(file, text)
    return { text, sha256: digest(text), file, source: override }
  }
  const file = join(cache, `argocd-${release.sha256.slice(0, 16)}.yaml`)
  if (existsSync(file)) {
    const text = readFileSync(file, 'utf8')
    if (digest(text) === release.sha256) return { text, sha256: release.sha256, file, source: release.url }
  }
  const text = await download(release.url, signal)
  const sha256 = digest(text)
  if (sha256 !== release.sha256) {
    throw new Problem(`the Argo CD manifest is not the pinned one`, {
      details: `${release.url}\nsha256 expected: ${release.sha256}\nsha256 received: ${sha256}`,
      advice: [
        'Nothing was applied. Try again; if it stays like this, compare argocd/install/release.json with the release page.',
      ],
    })
  }
  keep(file, text)
  return { text, sha256, file, source: release.url }
}

const maximumBytes = 20 * 1024 * 1024

async function download(url: string, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]) })
    if (!response.ok) throw new Error(`HTTP status ${response.status}`)
    const bytes = Buffer.from(await response.arrayBuffer())
    if (bytes.length > maximumBytes) throw new Error(`more than ${maximumBytes} bytes`)
    return bytes.toString('utf8')
  } catch (error) {
    signal.throwIfAborted()
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
    throw new Problem(`the Argo CD manifest could not be downloaded: ${messageOf(error)}${cause}`, {
      details: url,
      advice: ['Check the connection, or name a copy: --argocd-manifest FILE.'],
    })
  }
}

function readOverride(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw usageProblem(`--argocd-manifest ${file} cannot be read: ${messageOf(error)}`)
  }
}

/** Keeps what is applied: `down` deletes these objects, whatever release or file is named by then. */
export function keepApplied(folder: string, { text, sha256 }: Manifest): void {
  keep(join(folder, `argocd-${sha256.slice(0, 16)}.yaml`), text)
}

/** Every manifest that was applied: an upgrade leaves what only the older one has. */
export function listApplied(folder: string): readonly string[] {
  return readdirSync(folder)
    .sort()
    .filter(name => /^argocd-[0-9a-f]{16}\.yaml$/.test(name))
    .map(name => join(folder, name))
}

function keep(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.${process.pid}`, text)
  renameSync(`${file}.${process.pid}`, file)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The images a manifest names. */
export function listImages(manifest: string): readonly string[] {
  const found = [...manifest.matchAll(/^\s*(?:- )?image: *["']?([^\s"'#]+)/gm)].map(([, image]) => image as string)
  return [...new Set(found)].sort()
}

/** The CustomResourceDefinitions of a manifest, as text: parsing two megabytes to print them again would cost a second. */
export function selectCrds(manifest: string): string {
  return manifest
    .split(/^---$/m)
    .filter(document => /^kind: CustomResourceDefinition$/m.test(document))
    .join('\n---\n')
}
