// Which of two tags of one image is the older one, where their words say so.

interface Version {
  /** What stands before the numbers, as `release-`: versions of two series are not compared. */
  readonly series: string
  readonly numbers: readonly number[]
  /** What comes before the release of that number, or the flavour of the image. */
  readonly early: string
}

const NUMBERS = /^(\d{1,14}(?:\.\d{1,9}){0,3})(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/
const DAY = /^(\d{4})[-_](\d{2})[-_](\d{2})(?:[-_T.](.*))?$/

/** `v1.2.3`, `1.2`, `1.2.3-rc.1`, `2024-06-02`, `build-120`; undefined for what is not counted upwards. */
function readVersion(tag: string): Version | undefined {
  const [start = ''] = /^[A-Za-z._-]*/.exec(tag) ?? []
  const [series, rest] = [start.replace(/v$/i, ''), tag.slice(start.length)]
  const day = DAY.exec(rest)
  if (day) return { series, numbers: day.slice(1, 4).map(Number), early: day[4] ?? '' }
  const match = NUMBERS.exec(rest)
  const [, numbers = '', early = ''] = match ?? []
  // Behind a word many digits are a commit as well as a number, unless they begin as a day does.
  if (!match || (series !== '' && /^\d{7,}$/.test(numbers) && !/^20[0-4]\d/.test(numbers))) return undefined
  return { series, numbers: numbers.split('.').map(Number), early }
}

/** Below 0 where the first is older, 0 where nothing is known. What stands behind the numbers is compared within one flavour. */
export function compareVersions(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return 0
  const [a, b] = [readVersion(one), readVersion(other)]
  if (!a || !b || a.series !== b.series || hasCommit(one, other)) return 0
  for (let at = 0; at < Math.max(a.numbers.length, b.numbers.length); at++) {
    const difference = (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0)
    if (difference !== 0) return difference
  }
  const flavour = (early: string): string => early.replace(/[.-]?\d+$/, '')
  const count = (early: string): number => Number(/(\d{1,9})$/.exec(early)?.[1] ?? 0)
  return flavour(a.early) === flavour(b.early) ? count(a.early) - count(b.early) : 0
}

/** Whether all of a tag is what a commit is called, letters and all: `b1234567` is not a seventh build. */
const hasCommit = (...tags: readonly string[]): boolean =>
  tags.some(tag => /^[0-9a-f]{7,40}$/.test(tag) && /[a-f]/.test(tag))

/** The commit that a tag names: `9c1f2ab`, `sha-9c1f2ab`, `v1.2.3-14-g9c1f2ab`. Whether there is one is for Git to say. */
export const commitOf = (tag: string | undefined): string | undefined =>
  /(?:^|[._-]g?|sha)([0-9a-f]{7,40})$/.exec(tag ?? '')?.[1]
