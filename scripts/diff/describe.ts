// Says what edits change in the clusters, for the commands that edit: the same comparison and the same words.
import { type Edits, layOver } from '../tree/source/edit.ts'
import type { Sources } from '../tree/source/sources.ts'
import { diffSources } from './diff.ts'
import { FORMATS } from './report/index.ts'

/** Of the builds of some folders, as they are and with the edits laid over them. */
export async function describeEdits(sources: Sources, edits: Edits, folders: readonly string[]) {
  const diff = await diffSources(sources, layOver(sources, edits), { root: '.', folders })
  const print = async (name: 'stylish' | 'markdown', colour: boolean): Promise<string> => {
    const format = await FORMATS[name]?.()
    return format?.(diff, { colour, whole: false, names: { base: 'as it is', head: 'with this change' } }) ?? ''
  }
  return { print: (colour: boolean) => print('stylish', colour), markdown: await print('markdown', false) }
}
