// The releases of an environment as lines for a person.
import { printable } from '../../command/text.ts'
import type { summarize } from './releases.ts'

export function writeReleases(releases: readonly ReturnType<typeof summarize>[]): string {
  const lines = releases.map(({ commit, date, author, subject, images, replicas, settings }, index) => {
    const facts = [images.map(cut).join(' '), replicas.join(' '), settings.join(' ')].filter(Boolean).join('  ')
    const mark = index === 0 ? '*' : ' '
    return `${mark} ${commit.slice(0, 10)}  ${date}  ${printable(author)}  ${printable(facts)}\n    ${printable(subject)}\n`
  })
  return lines.join('') || 'no release\n'
}

const cut = (image: string): string => image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1')
