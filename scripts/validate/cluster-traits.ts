// What programs and settings of a tree do beyond its manifests: objects that a program carries and completes, gates of
// Kubernetes that the tree opens, and what a plugin of Argo CD fills in.
import { posix } from 'node:path'
import type { Renderings } from '../tree/engine.ts'
import { type Resource, valueAt } from '../tree/model/build.ts'
import { type Fault, isResourcePlace } from '../tree/model/place.ts'
import { SourceFile } from '../tree/source/source-file.ts'

type Files = Pick<Renderings['tree'], 'sources' | 'paths'>

/** `//go:embed manifests "more/*.yaml"`: what a program carries, below the folder of its source. */
const EMBEDS = /^[ \t]*\/\/go:embed[ \t]+(\S.*)$/gm
/** `file("${path.module}/web.yaml")` of Terraform, for what it makes of it. */
const READS = /\b(?:template)?file\(\s{0,20}"(?:\$\{path\.module\}\/)?([\w.-][\w./-]{0,200})"/
/** What Terraform applies as it is: `yaml_body = file("web.yaml")`. */
const APPLIES = /\b(?:yaml_body|manifest|content)\b|yamldecode/
/** What ko puts beside a program. */
const KODATA = /(?:^|\/)kodata\//

/** Whether a program in Go or Terraform carries the file of a resource: it changes the object before it sends it. */
export function findCarried({ sources, paths }: Files): (resource: Resource) => boolean {
  let carried: readonly string[] | undefined
  const list = (): readonly string[] => {
    const aside = sources.fork()
    return paths.flatMap(path => {
      if (path.endsWith('.tf')) return listRead(path, aside.read(path))
      const file = path.endsWith('.go') && !path.endsWith('_test.go') ? aside.read(path) : undefined
      if (!(file instanceof SourceFile) || !file.holds('go:embed')) return []
      const patterns = [...file.text.matchAll(EMBEDS)].flatMap(([, written = '']) => written.split(/\s+/))
      return patterns.map(pattern => posix.join(posix.dirname(path), pattern.replace(/^["'`]?(?:all:)?|["'`]$/g, '')))
    })
  }
  return ({ origin, build }) => {
    const path = origin.kind === 'document' ? origin.file : `${build}/kustomization.yaml`
    if (KODATA.test(path)) return true
    carried ??= list()
    return carried.some(one => path === one || path.startsWith(`${one.replace(/\/?[^/]*[*?[].*$/, '')}/`))
  }
}

const listRead = (path: string, file: ReturnType<Files['sources']['read']>): readonly string[] =>
  file instanceof SourceFile && file.holds('file(')
    ? file.text.split('\n').flatMap(line => {
        const read = APPLIES.test(line) ? undefined : READS.exec(line)?.[1]
        return read === undefined ? [] : [posix.join(posix.dirname(path), read)]
      })
    : []

interface Gate {
  readonly name: string
  readonly kind: string
  readonly fieldPath: readonly string[]
  readonly value: unknown
}

/** Values that the API server refuses as long as a gate is closed, which it is by default. */
const GATES: readonly Gate[] = [
  { name: 'HPAScaleToZero', kind: 'HorizontalPodAutoscaler', fieldPath: ['spec', 'minReplicas'], value: 0 },
]
/** Files in which people say how their API server is started. */
const SETTINGS = /\.(?:ya?ml|json|j2|tftpl|tpl|tf|nix|toml|sh|conf)$/

/** Whether the tree opens the gate behind which a value is refused. Files are looked through when one is. */
export function findOpenGates({ sources, paths }: Files): (fault: Fault) => boolean {
  const known = new Map<string, boolean>()
  const isOpen = (name: string): boolean => {
    const opens = new RegExp(`\\b${name}["']?\\s{0,9}[:=]\\s{0,9}["']?true\\b`)
    const aside = sources.fork()
    return paths.some(path => {
      const file = SETTINGS.test(path) ? aside.read(path) : undefined
      return file instanceof SourceFile && file.holds(name) && opens.test(file.text)
    })
  }
  return ({ ruleId, places: [place] }) => {
    if (ruleId !== 'api-validation' || !isResourcePlace(place)) return false
    const { resource, fieldPath } = place
    const gate = GATES.find(
      one =>
        one.kind === resource.kind &&
        one.fieldPath.join() === fieldPath.join() &&
        valueAt(resource.object, fieldPath) === one.value,
    )
    if (!gate) return false
    const open = known.get(gate.name) ?? isOpen(gate.name)
    known.set(gate.name, open)
    return open
  }
}

/** How a plugin is installed beside the repo-server, or for it. */
const PLUGIN = /argocd-cmp-server|kind:\s*ConfigManagementPlugin|\bconfigManagementPlugins:/

/** Whether the Argo CD of the tree has a plugin of its own, which may change what it renders. It is looked for when asked. */
export function findArgocdPlugin({ sources, paths }: Files): () => boolean {
  let found: boolean | undefined
  return () => {
    const aside = sources.fork()
    found ??= paths.some(path => {
      const file = SETTINGS.test(path) ? aside.read(path) : undefined
      return file instanceof SourceFile && PLUGIN.test(file.text)
    })
    return found
  }
}

/** A program that makes Pods of files: `agent { kubernetes { yamlFile 'ci/pod.yaml' } }`. */
const PIPELINE = /(?:^|\/)Jenkinsfile[\w.-]*$|\.(?:groovy|jenkinsfile)$/

/** Whether a Pod is one that Jenkins gives a name. Pipelines are read when one has none. */
export function findAgents({ sources, paths }: Files): (fault: Fault) => boolean {
  let text: string | undefined
  const read = (): string => {
    const aside = sources.fork()
    const files = paths.filter(path => PIPELINE.test(path)).map(path => aside.read(path))
    return files.map(file => (file instanceof SourceFile ? file.text : '')).join('\n')
  }
  return ({ places: [place] }) => {
    if (!isResourcePlace(place) || place.resource.kind !== 'Pod' || place.fieldPath.join() !== 'metadata,name')
      return false
    const { origin } = place.resource
    text ??= read()
    return origin.kind === 'document' && text.includes('kubernetes') && text.includes(posix.basename(origin.file))
  }
}
