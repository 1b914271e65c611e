// What a path in a kustomization leads to, as kustomize reads it: a file, a folder, or why it is refused.
import { posix } from 'node:path'
import { isIgnoredByGit } from '../../source/ignored.ts'
import { KUSTOMIZATION_NAMES, type Sources } from '../../source/sources.ts'
import type { Reference } from './kustomization.ts'

/** How the owners of a tree build it. */
export interface Habits {
  /** Whether kustomize may read files beside and above the kustomization of a folder. */
  readonly isUnrestricted?: (folder: string) => boolean
  /** Whether a script makes what is missing at a path. */
  readonly makes?: (path: string) => boolean
}

type Followed =
  | { readonly entry: { readonly kind: 'file' | 'folder'; readonly path: string } }
  | {
      readonly fault: string
      readonly ruleId: 'kustomize-build' | 'refused-input'
      /** `.gitignore` names what is missing, or a program's habit: something writes it before the build. */
      readonly isWrittenFirst?: boolean
      /** Nothing stands at the path here, which may be meant from another folder. */
      readonly isMisplaced?: boolean
      readonly isMissing?: boolean
    }

/** Whether a folder is copied somewhere before it is built, as its name or that of one above says. */
export const isTemplateFolder = (folder: string): boolean =>
  folder
    .split('/')
    .some(name => /(?:^|[-_.])(?:templates?|skeletons?|boilerplate|scaffold(?:ing)?|cookiecutter)$/.test(name))

/** `web.yaml.in`, `web.yaml.tmpl`, `.env.example`: of such a file beside it something or somebody makes what is missing. */
const ORIGINALS = ['in', 'tmpl', 'tpl', 'template', 'j2', 'example', 'sample', 'dist']

/** What `flux bootstrap` writes into the folder of a cluster. */
const BOOTSTRAP = /(?:^|\/)flux-system(?:\/|$)|(?:^|\/)gotk-(?:components|sync)\.yaml$/

/** Says what a reference means, as kustomize would, without ever asking anything but the tree. */
export function follow(
  sources: Sources,
  folder: string,
  reference: Reference,
  { isUnrestricted = () => false, makes = () => false }: Habits,
): Followed {
  const { path } = reference
  if (path === '') return { ruleId: 'kustomize-build', fault: 'the path is empty' }
  if (posix.isAbsolute(path)) {
    return { ruleId: 'kustomize-build', fault: `${path} is an absolute path; write it relative to ${folder}` }
  }
  const target = posix.join(folder, path)
  const entry = sources.resolve(target)
  const isWritten = (missing: string): boolean => isIgnoredByGit(sources, missing) || makes(missing)
  switch (entry.kind) {
    case 'missing':
      return {
        ruleId: 'kustomize-build',
        fault: `${target} does not exist`,
        isWrittenFirst:
          BOOTSTRAP.test(target) ||
          hasOriginal(sources, target) ||
          [target, posix.join(target, 'kustomization.yaml')].some(isWritten),
        isMisplaced: true,
        isMissing: true,
      }
    case 'dangling':
      return { ruleId: 'kustomize-build', fault: `${target} is a link to what does not exist` }
    case 'outside':
      return { ruleId: 'refused-input', fault: `${path} leads out of the validated folder`, isMisplaced: true }
    case 'irregular':
      return { ruleId: 'refused-input', fault: `${target} is not a regular file` }
    case 'unreadable':
      return { ruleId: 'refused-input', fault: `${target} cannot be read` }
    case 'folder': {
      if (!reference.mayBeFolder) return { ruleId: 'kustomize-build', fault: `${target} is a folder, not a file` }
      if (!KUSTOMIZATION_NAMES.some(name => sources.resolve(posix.join(entry.path, name)).kind !== 'missing')) {
        return {
          ruleId: 'kustomize-build',
          fault: `${target} has no kustomization.yaml`,
          isWrittenFirst: KUSTOMIZATION_NAMES.some(name => isWritten(posix.join(entry.path, name))),
        }
      }
      return { entry: { kind: 'folder', path: entry.path } }
    }
    case 'file': {
      if (!reference.mayBeFile) return { ruleId: 'kustomize-build', fault: `${target} is a file, not a folder` }
      const isBelow = isIn(target, folder)
      if (isBelow && !isIn(entry.target ?? target, folder) && !isUnrestricted(folder)) {
        return {
          ruleId: 'kustomize-build',
          fault: `${path} is a link to ${entry.target}, which is not in or below ${folder}: kustomize refuses such files`,
        }
      }
      if (!isBelow && !isUnrestricted(folder)) {
        return {
          ruleId: 'kustomize-build',
          fault: `${path} is not in or below ${folder}: kustomize refuses such files`,
        }
      }
      return { entry: { kind: 'file', path: target } }
    }
  }
}

const hasOriginal = (sources: Sources, missing: string): boolean =>
  ORIGINALS.some(ending => sources.resolve(`${missing}.${ending}`).kind === 'file')

export const isIn = (path: string, folder: string): boolean => folder === '.' || path.startsWith(`${folder}/`)
