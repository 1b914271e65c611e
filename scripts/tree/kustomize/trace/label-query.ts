// Label selectors written as text: `a=b,!c,d in (e,f)`.

/** Throws nothing: what cannot be read matches nothing, and kustomize refuses it anyway. */
export function matchesLabelSelector(selector: string, labels: ReadonlyMap<string, string>): boolean {
  if (selector.trim() === '') return true
  return selector.split(/,(?![^(]*\))/).every(part => matchesRequirement(part.trim(), labels))
}

function matchesRequirement(part: string, labels: ReadonlyMap<string, string>): boolean {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(part)
  if (set) {
    const [, key = '', operator, list = ''] = set
    const value = labels.get(key)
    const isIn = value !== undefined && list.split(',').some(one => one.trim() === value)
    return operator === 'in' ? isIn : !isIn
  }
  const [, key = '', operator, wanted = ''] = /^([^=!<>\s]+)\s*(==?|!=)\s*(.*)$/.exec(part) ?? []
  if (operator !== undefined) return operator === '!=' ? labels.get(key) !== wanted : labels.get(key) === wanted
  if (part.startsWith('!')) return !labels.has(part.slice(1).trim())
  return labels.has(part)
}
