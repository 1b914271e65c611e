// "Did you mean": the one candidate that is a typing mistake away, if there is one.

/** Damerau-Levenshtein distance (adjacent swaps count one), or `limit + 1` as soon as it is certain to be larger. */
export function editDistance(one: string, two: string, limit: number): number {
  if (Math.abs(one.length - two.length) > limit) return limit + 1
  const [a, b] = withoutSameEnds(one, two)
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let best = i
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let value = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, (before[j - 2] ?? 0) + 1)
      }
      row.push(value)
      best = Math.min(best, value)
    }
    if (best > limit) return limit + 1
    before = last
    last = row
  }
  return Math.min(last[b.length] ?? limit + 1, limit + 1)
}

/** What both begin and end with takes no edit, and names of one tree often begin the same. */
function withoutSameEnds(a: string, b: string): readonly [string, string] {
  const shorter = Math.min(a.length, b.length)
  let start = 0
  while (start < shorter && a[start] === b[start]) start++
  let end = 0
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)]
}

/** The nearest candidate within a third of the word's length (at least one edit), or undefined. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > 100) return undefined
  let best: string | undefined
  let limit = Math.max(1, Math.floor(word.length / 3))
  const folded = word.toLowerCase()
  for (const candidate of candidates) {
    const distance = editDistance(folded, candidate.toLowerCase(), limit)
    if (distance > limit || (best !== undefined && distance === limit)) continue
    best = candidate
    limit = distance
    if (distance === 0) break
  }
  return best
}

/** Whether two words are surely meant to be one: a slip of the keyboard apart, and not told apart by a number. */
export function isSlipOf(a: string, b: string): boolean {
  const limit = Math.min(a.length, b.length) >= 10 ? 2 : 1
  return a.replace(/\d+/g, '') !== b.replace(/\d+/g, '') && editDistance(a, b, limit) <= limit
}
