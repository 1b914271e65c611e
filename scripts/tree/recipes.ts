// What the recipes of a tree, its Makefiles, scripts and pipelines, say of how it is built and what they write first.
import { posix } from 'node:path'
import { SourceFile } from './source/source-file.ts'
import type { Sources } from './source/sources.ts'

/** Files in which people keep how they build: a Makefile, a script. */
export const RECIPE = /(?:^|\/)(?:(?:GNU)?[Mm]akefile|Tiltfile|[Jj]ustfile|Taskfile\.ya?ml)$|\.(?:sh|bash|mk)$/

/** Whether a recipe of the tree calls kustomize without its restriction: then its owners build so. */
export const isBuiltUnrestricted = (sources: Sources, paths: readonly string[]): boolean =>
  paths.some(path => {
    const file = RECIPE.test(path) ? sources.read(path) : undefined
    return file instanceof SourceFile && /--load[-_]restrictor[ =]+["']?LoadRestrictionsNone/.test(file.text)
  })

/** `mkdir $FOLDER`, `mkdir -p "${FOLDER}/NAME"`: a folder below what a variable says. */
const MAKES_NAMED = /\bmkdir[ \t]+(?:-p[ \t]+)?["']?(\$[\w./${}-]{1,200})["']?[ \t]*$/gm
/** `mkdir -p ${FOLDER}/NAME`, `git clone URL FOLDER/NAME`. */
const MAKES = /\b(?:mkdir|git clone)\b[^\n]{0,300}[/\s]([\w.-]{1,100})["']?[ \t]*$/gm
/** `... > FILE`, `tee FILE`, `cp X FILE`, `curl -o FILE`: a file of those that a kustomization reads. */
const WRITES =
  /(?:>|\btee(?: -a)?[ \t]|[ \t](?:-o|-O|--output(?:-file|-document)?)[ \t=]|\b(?:cp|mv)[ \t][^\n;|&]{0,300}[ \t])[ \t]{0,9}["']?([\w./${}()-]{1,200}\.[A-Za-z][a-z]{0,9})(?=["'`]?(?:[\s;|&),]|$))/gm
/** A program by its first line, as a post-renderer of helm often is: `#!/bin/sh` in a file without an extension. */
const EXECUTABLE = /(?:^|\/)[a-z][a-z0-9_-]*$/
/** How a script names the folder that it lies in: `$(dirname "$0")`, `$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)`. */
const OWN_FOLDER =
  /\$\((?:cd[ \t]+["']?\$\()?dirname[ \t]+(?:--[ \t]+)?["']?\$(?:0|\{0\}|\{?BASH_SOURCE[\]}[0]{0,9})["']?\)(?:["']?[^()\n]{0,40}\))?/g
/** `cp X/FILE FOLDER`: the file below the folder. */
const COPIES =
  /\b(?:cp|mv)[ \t]+(?:-\w+[ \t]+)?["']?(?:[\w./${}()-]{1,200}\/)?([\w-][\w.-]{0,99}\.(?:ya?ml|json|env))["']?[ \t]+["']?([\w./${}-]{1,200})(?=["'\s;|&)]|$)/gm
/** `cp -R base "${OUT}"/overlays/dev/base`: a folder with all that is in it. */
const COPIES_FOLDER = /\bcp[ \t]+-[A-Za-z]{0,9}[rRa][A-Za-z]{0,9}[ \t]+(\S{1,200})[ \t]+(\S{1,200})/g
/** `FOLDER=../config`, `FOLDER="${HERE}/../config"`, `FOLDER=${FOLDER:-config}`: what a name stands for, wherever the script has come to. */
const ASSIGNS =
  /^[ \t]*(?:(?:export|local|readonly)[ \t]+)?([A-Za-z_]\w{0,63})=["']?(?:\$\{\w{1,64}:-)?((?:\$\{?\w{1,64}\}?\/)?[\w./-]{1,200})\}?["']?[ \t]*$/gm
const MOST_VALUES = 20
/** Programs that are called without the name of what they write. */
const GENERATORS: readonly (readonly [RegExp, string])[] = [
  // controller-gen
  [/\bwebhook paths=/, 'config/webhook'],
  // operator-sdk
  [/\bgenerate kustomize manifests\b/, 'config/manifests/bases'],
]

/** Steps of a pipeline are written in YAML. */
const STEPS = /^[ \t]*(?:- )?["']?(?:run|script|args|command|before_script)["']?:/m
/** Programs that run commands: a pipeline, the code of an infrastructure. */
const PROGRAM = /(?:^|\/)Jenkinsfile$|\.(?:groovy|tf|[cm]?[jt]s|py)$/
/** Longer ones are definitions and dashboards. */
const MOST_BYTES_OF_STEPS = 256 * 1024

/** `kubectl apply -f PATH`, `oc create -k PATH`: what is deployed by hand. */
const APPLIES =
  /\b(?:kubectl|oc)\b[^\n|;&]{0,200}?\b(?:apply|create|replace)\b[^\n|;&]{0,200}?[ \t](?:-f|-k|--filename|--kustomize)[ \t=]["']?([\w./-]{1,200})/g

/** Whether a recipe of the tree applies what is at a path, named from the top or from beside the recipe. */
export function findApplied(sources: Sources, paths: readonly string[]): (path: string) => boolean {
  let applied: ReadonlySet<string> | undefined
  const list = (): ReadonlySet<string> => {
    const found = new Set<string>()
    const aside = sources.fork()
    for (const path of paths) {
      const file = RECIPE.test(path) || /\.ya?ml$/.test(path) ? aside.read(path) : undefined
      if (!(file instanceof SourceFile) || !(file.holds('kubectl') || file.holds('oc '))) continue
      if (!RECIPE.test(path) && (file.size > MOST_BYTES_OF_STEPS || !STEPS.test(file.text))) continue
      for (const [, named = ''] of file.text.matchAll(APPLIES))
        for (const folder of ['', posix.dirname(path)]) found.add(posix.join(folder, named).replace(/\/$/, ''))
    }
    return found
  }
  return path => {
    applied ??= list()
    for (const one of listAbove(path)) if (applied.has(one)) return true
    return false
  }
}

/** No file system has a longer path: what is not there need not be looked for among what is made. */
const LONGEST_PATH = 4096

/** A path and the folders above it, deepest first. */
function* listAbove(path: string): Generator<string> {
  if (path.length > LONGEST_PATH) return
  for (let at = path; at !== '.' && at !== '/'; at = posix.dirname(at)) yield at
}

/** The ends of a path of whole names that are no longer than `longest`, shortest first. */
function* listEnds(path: string, longest: number): Generator<string> {
  if (path.length > LONGEST_PATH) return
  for (let at = path.lastIndexOf('/'); ; at = at > 0 ? path.lastIndexOf('/', at - 1) : -1) {
    if (path.length - at - 1 > longest) return
    yield path.slice(at + 1)
    if (at < 0) return
  }
}

/** Ends of paths, of which a recipe may name very many. */
interface Ends {
  readonly all: ReadonlySet<string>
  readonly longest: number
}

const gatherEnds = (all: ReadonlySet<string>): Ends => ({
  all,
  longest: [...all].reduce((longest, one) => Math.max(longest, one.length), 0),
})

const isEnd = (path: string, { all, longest }: Ends): boolean => listEnds(path, longest).some(end => all.has(end))

interface Made {
  /** Below them anything may be. */
  readonly folders: ReadonlySet<string>
  readonly files: ReadonlySet<string>
  /** Ends of the paths of folders, of two names or more; below them anything may be. */
  readonly folderEnds: Ends
  /** Ends of paths, of two names or more: where they begin is what a variable says, or where the recipe is called. */
  readonly ends: Ends
  /** Names of files that a plugin of Argo CD writes into the folder of whatever source it renders. */
  readonly inSources: ReadonlySet<string>
  /** Names of files that are written where only a variable says, with the recipe: what it names otherwise says which they are. */
  readonly elsewhere: ReadonlyMap<string, ReadonlySet<SourceFile>>
}

/** Whether a recipe makes what is at a path: the folder that it begins with, beside the recipe, or the file itself. */
export function findMade(sources: Sources, paths: readonly string[]): (path: string) => boolean {
  let made: Made | undefined
  return path => {
    made ??= readMade(sources.fork(), paths)
    return (
      made.files.has(path) ||
      made.inSources.has(posix.basename(path)) ||
      isBelow(path, made, sources) ||
      isEnd(path, made.ends) ||
      [...(made.elsewhere.get(posix.basename(path)) ?? [])].some(recipe => recipe.holds(`${posix.dirname(path)}/`))
    )
  }
}

/** Whether a path lies in a folder that is made: beside the recipe, or where nothing is yet and the folder ends so. */
function isBelow(path: string, { folders, folderEnds }: Made, sources: Sources): boolean {
  for (const folder of listAbove(posix.dirname(path)))
    if (folders.has(folder) || (isEnd(folder, folderEnds) && sources.resolve(folder).kind !== 'folder')) return true
  return false
}

function readMade(sources: Sources, paths: readonly string[]): Made {
  const folders = new Set<string>()
  const files = new Set<string>()
  const ends = new Set<string>()
  const folderEnds = new Set<string>()
  const inSources = new Set<string>()
  const elsewhere = new Map<string, Set<SourceFile>>()
  for (const path of paths) {
    const isRecipe = RECIPE.test(path)
    const isProgram = PROGRAM.test(path)
    const isNamed = isRecipe || isProgram || EXECUTABLE.test(path) || /\.ya?ml$/.test(path)
    const file = isNamed ? sources.read(path) : undefined
    if (!(file instanceof SourceFile)) continue
    const isScript = isRecipe || (EXECUTABLE.test(path) && file.text.startsWith('#!'))
    const isPlugin = !isScript && (file.holds('ConfigManagementPlugin') || file.holds('configManagementPlugins'))
    const isLong = !isScript && file.size > MOST_BYTES_OF_STEPS
    if (isLong || !(isScript || (isProgram ? file.holds('kustomiz') || file.holds('kubectl') : STEPS.test(file.text))))
      continue
    const beside = (name: string): string => posix.join(posix.dirname(path), name)
    if (isScript) {
      for (const [, name = ''] of file.text.matchAll(MAKES)) folders.add(beside(name))
      for (const [program, folder] of GENERATORS) if (program.test(file.text)) folders.add(beside(folder))
    }
    const text = withoutOwnFolder(file.text)
    const copied = text.matchAll(COPIES_FOLDER).map(([, , written = '']) => written.replace(/["']|\/$/g, ''))
    const named = text.matchAll(MAKES_NAMED).map(([, folder = '']) => folder.replace(/\/$/, ''))
    for (const folder of isScript ? [...copied, ...expand([...named], text)] : []) {
      const known = listKnown(split(folder))
      if (known.length > 1) folderEnds.add(known.join('/'))
    }
    for (const name of isScript ? expand(listWritten(text), text) : listWritten(text)) {
      const segments = split(name)
      const known = listKnown(segments)
      if (known.length > 1) ends.add(known.join('/'))
      else if (known.length === segments.length && isPlugin) inSources.add(known.join(''))
      else if (known.length === segments.length && isScript) files.add(beside(name))
      else if (known.length === 1 && isScript)
        elsewhere.set(known.join(''), (elsewhere.get(known.join('')) ?? new Set()).add(file))
    }
  }
  return { folders, files, folderEnds: gatherEnds(folderEnds), ends: gatherEnds(ends), inSources, elsewhere }
}

/** Whether a recipe copies a folder, or one above it, to another place: named by two names or more, from a variable or not. */
export function findCopied(sources: Sources, paths: readonly string[]): (folder: string) => boolean {
  let copied: Ends | undefined
  const list = (): Ends => {
    const found = new Set<string>()
    const aside = sources.fork()
    for (const path of paths) {
      const file = RECIPE.test(path) ? aside.read(path) : undefined
      if (!(file instanceof SourceFile) || !file.holds('cp ')) continue
      const named = [...file.text.matchAll(COPIES_FOLDER)].map(([, from = '']) => from.replace(/["']|\/\.?$/g, ''))
      for (const folder of expand(named, file.text)) {
        const known = listKnown(split(folder))
        if (known.length > 1) found.add(known.join('/'))
      }
    }
    return gatherEnds(found)
  }
  return folder => {
    copied ??= list()
    for (const one of listAbove(folder)) if (isEnd(one, copied)) return true
    return false
  }
}

const split = (path: string): readonly string[] =>
  path.split('/').filter(segment => segment !== '.' && segment !== '..')

/** What follows the last variable. */
const listKnown = (segments: readonly string[]): readonly string[] =>
  segments.slice(segments.findLastIndex(segment => /[${}()]/.test(segment)) + 1)

function listWritten(text: string): readonly string[] {
  const written = text.matchAll(WRITES).map(([, name = '']) => name)
  const copied = text
    .matchAll(COPIES)
    .map(([, name = '', to = '']) => (FILE.test(to) ? to : `${to.replace(/\/$/, '')}/${name}`))
  return [...written, ...copied]
}

/** `./made.yaml` for `$(dirname "$0")/made.yaml`, and for a variable that holds the folder of the script. */
function withoutOwnFolder(text: string): string {
  const own = text.replace(OWN_FOLDER, '.')
  const names = [...own.matchAll(/\b([A-Za-z_]\w{0,60})=["']?\.["']?[ \t]*$/gm)].map(([, name = '']) => name)
  if (names.length === 0) return own
  return own.replace(/\$(?:\{(\w{1,61})\}|(\w{1,61}))(?=\/)/g, (word, braced?: string, bare?: string) =>
    names.includes(braced ?? bare ?? '') ? '.' : word,
  )
}

const FILE = /\.(?:ya?ml|json|env)$/

/** Paths that begin with a variable, with all that the script says of it. */
function expand(paths: readonly string[], text: string): readonly string[] {
  const begins = /^\$(?:\{(\w+)\}|(\w+))(?=\/|$)/
  if (!paths.some(path => begins.test(path))) return paths
  const values = new Map<string, Set<string>>()
  for (const [, name = '', value = ''] of text.matchAll(ASSIGNS)) {
    const known = values.get(name) ?? new Set()
    if (known.size < MOST_VALUES) values.set(name, known.add(value))
  }
  return paths.flatMap(path => {
    const [variable = '', braced, bare] = begins.exec(path) ?? []
    const known = values.get(braced ?? bare ?? '')
    return known ? [...known].map(value => `${value}${path.slice(variable.length)}`) : [path]
  })
}

/** A chart that a recipe installs. */
export interface Release {
  readonly name: string
  readonly namespace: string
  /** The recipe. */
  readonly path: string
}

/** `helm upgrade --install NAME CHART ... --namespace NAMESPACE`, over as many lines as end with a backslash. */
const INSTALLS = /\bhelm[ \t]+(?:upgrade|install)\b((?:[^\n;|&\\]|\\\r?\n|\\[^\n]){0,2000})/g
const NAMESPACE = /(?:^|\s)(?:-n|--namespace)[ =]["']?([a-z0-9][a-z0-9-]{0,62})(?=["'\s]|$)/
const NAME = /(?:^|\s)(?!-)["']?([a-z0-9][a-z0-9.-]{0,52})["']?\s/

/** What recipes of the tree install by helm, where they say into which namespace. */
export function listReleases(sources: Sources, paths: readonly string[]): readonly Release[] {
  const found: Release[] = []
  const aside = sources.fork()
  for (const path of paths) {
    const file = RECIPE.test(path) ? aside.read(path) : undefined
    if (!(file instanceof SourceFile) || !file.holds('helm ')) continue
    for (const [, call = ''] of file.text.matchAll(INSTALLS)) {
      const namespace = NAMESPACE.exec(call)?.[1]
      const name = NAME.exec(`${call} `)?.[1]
      if (namespace !== undefined && name !== undefined) found.push({ name, namespace, path })
    }
  }
  return found
}
