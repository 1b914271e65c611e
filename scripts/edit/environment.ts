// Says which environments the tree has, and which folder and file a name on the command line means.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { closest } from '../tree/model/closest.ts'
import { Refusal, refuseUsage } from './refusal.ts'
import { findKustomizationFile } from './tree.ts'

export interface Environment {
  readonly name: string
  /** As `overlays/prod`. */
  readonly folder: string
  /** The kustomization file, relative to the root. */
  readonly file: string
}

/** Every folder of overlays/ that has a kustomization, by name. */
export function listEnvironments(root: string): readonly Environment[] {
  let names: string[]
  try {
    const entries = readdirSync(join(root, 'overlays'), { withFileTypes: true })
    names = entries.filter(entry => entry.isDirectory()).map(({ name }) => name)
  } catch {
    throw new Refusal(`${join(root, 'overlays')} cannot be read: is this the root of the repository?`, 2)
  }
  return names.sort().flatMap(name => {
    const folder = `overlays/${name}`
    const file = findKustomizationFile(root, folder)
    return file ? [{ name, folder, file }] : []
  })
}

export function findEnvironment(root: string, name: string | undefined): Environment {
  const environments = listEnvironments(root)
  const names = environments.map(environment => environment.name)
  if (name === undefined) throw refuseUsage(`name an environment: ${names.join(', ')}`)
  const found = environments.find(environment => environment.name === name)
  if (found) return found
  const near = closest(name, names)
  throw refuseUsage(`no environment "${name}"${near ? `, did you mean ${near}?` : '.'} There are: ${names.join(', ')}`)
}

/** Reads a file as strict UTF-8. */
export function readText(root: string, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(join(root, path)))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Refusal(`${path} is not there: is ${root} the root of the repository?`, 2)
    }
    const reason = error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message
    throw new Refusal(`${path} cannot be read: ${reason}`, 2)
  }
}
