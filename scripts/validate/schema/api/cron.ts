// Schedules of CronJobs and their time zones. Source: github.com/robfig/cron v3 ParseStandard, which Kubernetes uses.

import type { TextTest } from './check.ts'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const FIELDS = [
  { name: 'minute', low: 0, high: 59, names: [], first: 0 },
  { name: 'hour', low: 0, high: 23, names: [], first: 0 },
  { name: 'day of the month', low: 1, high: 31, names: [], first: 0 },
  { name: 'month', low: 1, high: 12, names: MONTHS, first: 1 },
  { name: 'day of the week', low: 0, high: 6, names: DAYS, first: 0 },
] as const
const SHORTHANDS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']

export const schedule: TextTest = value => {
  if (value.includes('TZ')) return 'must not have TZ or CRON_TZ in it: use timeZone'
  if (value.startsWith('@')) {
    if (SHORTHANDS.includes(value)) return undefined
    if (value.startsWith('@every '))
      return isDuration(value.slice('@every '.length))
        ? undefined
        : 'must have a duration after @every, as @every 1h30m'
    return `must be five fields, or one of ${SHORTHANDS.join(', ')}`
  }
  const parts = value.split(/\s+/).filter(Boolean)
  if (parts.length !== 5)
    return `must have five fields (minute, hour, day of the month, month, day of the week) and has ${parts.length}`
  for (const [index, field] of FIELDS.entries()) {
    const problem = checkField(parts[index] as string, field)
    if (problem !== undefined) return problem
  }
  return undefined
}

function checkField(text: string, field: (typeof FIELDS)[number]): string | undefined {
  for (const part of text.split(',').filter(Boolean)) {
    const [range = '', step, more] = part.split('/')
    if (more !== undefined) return `must have one "/" in its ${field.name}`
    const bounds = range.split('-')
    let [low, high]: [number, number] = [field.low, field.high]
    if (bounds[0] === '*' || bounds[0] === '?') {
      // What follows a star is not read.
    } else {
      if (bounds.length > 2) return `must have one "-" in its ${field.name}`
      const first = readValue(bounds[0] as string, field)
      const last = bounds.length === 2 ? readValue(bounds[1] as string, field) : first
      if (first === undefined || last === undefined)
        return `has ${one(field)} that is not a number: ${part.slice(0, 20)}`
      low = first
      high = bounds.length === 1 && step !== undefined ? field.high : last
    }
    const by = step === undefined ? 1 : /^\+?\d{1,15}$/.test(step) ? Number(step) : undefined
    if (by === undefined) return `has a step that is not a number in its ${field.name}`
    if (low < field.low || high > field.high) return `must have ${one(field)} from ${field.low} to ${field.high}`
    if (low > high) return `has ${one(field)} whose start is past its end: ${part.slice(0, 20)}`
    if (by === 0) return `must not have the step 0 in its ${field.name}`
  }
  return undefined
}

const one = ({ name }: (typeof FIELDS)[number]): string => `${name === 'hour' ? 'an' : 'a'} ${name}`

function readValue(text: string, { names, first }: (typeof FIELDS)[number]): number | undefined {
  const index = (names as readonly string[]).indexOf(text.toLowerCase())
  if (index >= 0) return index + first
  return /^\+?\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** Go's time.ParseDuration. */
export function isDuration(text: string): boolean {
  return text === '0' || /^[+-]?((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(text)
}

const ZONES = new Map<string, string | undefined>()

/** Asked once for each name: the answer takes a while. */
export const timeZone: TextTest = value => {
  if (!ZONES.has(value)) ZONES.set(value, judgeZone(value))
  return ZONES.get(value)
}

/** The zones of this Node are those of the IANA database, which the server has too. */
function judgeZone(value: string): string | undefined {
  const advice = 'must be the name of a time zone, as Europe/Berlin or Etc/UTC'
  if (value === '') return advice
  if (value.toLowerCase() === 'local') return 'must not be Local, which is another zone on each machine'
  const parts = value.split('/')
  if (!parts.every(part => part !== '..' && /^[A-Za-z._0-9+-]{1,14}$/.test(part) && !part.startsWith('-')))
    return advice
  // Names are files on the server: case matters there and not here.
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions()
    if (timeZone.toLowerCase() === value.toLowerCase() && timeZone !== value && !/^(utc|gmt)$/i.test(value))
      return `${advice}: ${timeZone}`
    return undefined
  } catch {
    return advice
  }
}
