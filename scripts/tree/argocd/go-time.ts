// Reads spans and schedules as Go's libraries do, which decide what Argo CD takes.

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  '\u00b5s': 1e-3,
  '\u03bcs': 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds of a Go duration such as `1h30m`; undefined for what Go refuses (`1d`, `5`, `1 h`). */
export function parseGoDuration(text: string): number | undefined {
  const match = /^([+-])?(.+)$/s.exec(text)
  if (!match) return undefined
  const rest = match[2] ?? ''
  if (rest === '0') return 0
  if (!/^(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/.test(rest)) return undefined
  let total = 0
  for (const [, number = '', unit = ''] of rest.matchAll(/([0-9.]+)([^0-9.]+)/g)) {
    total += Number(number) * (UNITS[unit] ?? 0)
  }
  // Go counts nanoseconds in 64 bits.
  if (total * 1e6 > 2 ** 63 - 1) return undefined
  return match[1] === '-' ? -total : total
}

/** As a retry's backoff is read: a plain integer counts as seconds. */
export function parseBackoff(text: string): number | undefined {
  return /^[+-]?[0-9]{1,18}$/.test(text) ? Number(text) * 1000 : parseGoDuration(text)
}

const FIELDS = [
  { name: 'minute', low: 0, high: 59 },
  { name: 'hour', low: 0, high: 23 },
  { name: 'day of the month', low: 1, high: 31 },
  { name: 'month', low: 1, high: 12, names: 'jan feb mar apr may jun jul aug sep oct nov dec', first: 1 },
  { name: 'day of the week', low: 0, high: 6, names: 'sun mon tue wed thu fri sat', first: 0 },
] as const

/** Why a schedule of five fields does not parse; undefined for one that does. `CRON_TZ=` and `TZ=` may stand before it. */
export function explainSchedule(text: string): string | undefined {
  if (text === '') return 'it is empty'
  let rest = text
  const zone = /^(?:CRON_)?TZ=([^ ]*)( .*)?$/s.exec(text)
  if (zone) {
    if (!isTimeZone(zone[1] ?? '')) return `the time zone ${zone[1]} is unknown`
    rest = (zone[2] ?? '').trim()
  }
  if (rest.startsWith('@')) return `a name such as ${rest} is not taken, only five fields`
  const fields = rest.split(/\s+/u).filter(Boolean)
  if (fields.length !== FIELDS.length) return `it has ${fields.length} fields instead of five`
  for (const [index, field] of FIELDS.entries()) {
    for (const range of (fields[index] ?? '').split(',').filter(Boolean)) {
      const fault = explainRange(range, field)
      if (fault) return `${field.name} ${range}: ${fault}`
    }
  }
  return undefined
}

function explainRange(text: string, field: (typeof FIELDS)[number]): string | undefined {
  const [range = '', step, more] = text.split('/')
  const [low = '', high, third] = range.split('-')
  if (more !== undefined || third !== undefined) return 'too many slashes or hyphens'
  const read = (word: string): number | undefined => {
    if ('names' in field) {
      const at = field.names.split(' ').indexOf(word.toLowerCase())
      if (at >= 0) return at + field.first
    }
    return /^[+]?[0-9]{1,9}$/.test(word) ? Number(word) : undefined
  }
  let start: number | undefined = field.low
  let end: number | undefined = field.high
  if (low === '*' || low === '?') {
    if (high !== undefined) return `${high} cannot follow ${low}`
  } else {
    start = read(low)
    if (start === undefined) return `${low} is not a number`
    end = high === undefined ? (step === undefined ? start : field.high) : read(high)
    if (end === undefined) return `${high} is not a number`
  }
  const every = step === undefined ? 1 : /^[+]?[0-9]{1,9}$/.test(step) ? Number(step) : undefined
  if (every === undefined) return `${step} is not a number`
  if (every === 0) return 'a step of zero'
  if (start < field.low) return `${start} is below ${field.low}`
  if (end > field.high) return `${end} is above ${field.high}`
  return start > end ? `${start} is beyond ${end}` : undefined
}

let zones: ReadonlyMap<string, string> | undefined

/** Whether Go's time zone database has a name. The names are those of files, so their case counts. */
export function isTimeZone(name: string): boolean {
  if (name === '' || name === 'UTC' || name === 'Local') return true
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false
  zones ??= new Map(Intl.supportedValuesOf('timeZone').map(zone => [zone.toLowerCase(), zone]))
  const known = zones.get(name.toLowerCase())
  if (known !== undefined) return known === name
  if (OLD_ZONES.has(name)) return true
  // Links such as Asia/Calcutta are not listed; what resolves and is written as such names are is one.
  return /^[A-Z][A-Za-z]+\/[A-Z][A-Za-z0-9_+/-]*$/.test(name) && resolves(name)
}

/** Names without a region, which the database keeps for old systems. */
const OLD_ZONES = new Set(
  'CET CST6CDT Cuba EET EST EST5EDT Egypt Eire Factory GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal ROC ROK Singapore Turkey UCT Universal W-SU WET Zulu'.split(
    ' ',
  ),
)

function resolves(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
