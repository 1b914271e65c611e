// The `.d.ts` files of the packages, which know what the compiled validators have lost: fields called `description`.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Declared {
  readonly id: string
  /** By name: whether it must be there, and its type as TypeScript writes it. */
  readonly fields: ReadonlyMap<string, { readonly required: boolean; readonly type: string }>
}

/** Every interface that a package declares for one of its definitions. */
export function readDeclarations(packageFolder: string): Declared[] {
  return readdirSync(packageFolder, { recursive: true, withFileTypes: true })
    .filter(({ name, parentPath }) => name.endsWith('.d.ts') && !parentPath.endsWith('_schemas'))
    .flatMap(({ name, parentPath }) => {
      const file = join(parentPath, name)
      const declared = readDeclaration(readFileSync(file, 'utf8'))
      if (!declared) return []
      const javascript = file.replace(/\.d\.ts$/, '.js')
      const checked = existsSync(javascript) && /_schemas\/(\w+)\.js"/.exec(readFileSync(javascript, 'utf8'))?.[1]
      return [checked ? { ...declared, id: checked } : declared]
    })
}

/** The interface of one file, whose members are written one a line, documentation between them. */
function readDeclaration(text: string): Declared | undefined {
  const id = text.match(/export type \{ \w+ as I(\w+)[, ]/)?.[1]
  const start = text.search(/export interface \w+[^{]*\{/)
  if (!id || start < 0) return undefined
  const fields = new Map<string, { required: boolean; type: string }>()
  let depth = 0
  for (const line of text.slice(text.indexOf('{', start) + 1).split('\n')) {
    const code = line.trim()
    if (code.startsWith('*') || code.startsWith('/*')) continue
    const member = depth === 0 && code.match(/^"([^"]+)"(\??): ?(.*)$/)
    if (member) fields.set(member[1] as string, { required: member[2] !== '?', type: member[3] as string })
    for (const character of code.replace(/"[^"]*"/g, '')) depth += character === '{' ? 1 : character === '}' ? -1 : 0
    if (depth < 0) break
  }
  return { id, fields }
}
