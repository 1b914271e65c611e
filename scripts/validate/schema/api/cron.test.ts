// Schedules as robfig/cron reads them, time zones and durations.
import { expect, test } from 'vitest'
import { isDuration, schedule, timeZone } from './cron.ts'

test.each([
  ['* * * * *'],
  ['0 0 1 1 0'],
  ['59 23 31 12 6'],
  ['*/5 0-12/2 1,15 jan-MAR mon'],
  ['5/10 * * * *'],
  ['? * ? * ?'],
  ['  0   0 * * * '],
  ['0 0 * * SUN,sat'],
  ['*-5 * * * *'],
  ['@daily'],
  ['@every 1h30m'],
])('%s is a schedule', value => {
  expect(schedule(value)).toBeUndefined()
})

test.each([
  ['60 * * * *', 'must have a minute from 0 to 59'],
  ['* 24 * * *', 'must have an hour from 0 to 23'],
  ['* * 0 * *', 'must have a day of the month from 1 to 31'],
  ['* * 32 * *', 'must have a day of the month from 1 to 31'],
  ['* * * 13 *', 'must have a month from 1 to 12'],
  ['* * * * 7', 'must have a day of the week from 0 to 6'],
  ['* * * * *  *', 'must have five fields'],
  ['* * * *', 'and has 4'],
  ['', 'and has 0'],
  ['a * * * *', 'has a minute that is not a number: a'],
  ['1-a * * * *', 'has a minute that is not a number: 1-a'],
  ['1-2-3 * * * *', 'must have one "-" in its minute'],
  ['1/2/3 * * * *', 'must have one "/" in its minute'],
  ['5-1 * * * *', 'whose start is past its end: 5-1'],
  ['*/0 * * * *', 'must not have the step 0'],
  ['*/x * * * *', 'has a step that is not a number'],
  ['* * * mon *', 'has a month that is not a number: mon'],
  ['TZ=UTC * * * * *', 'use timeZone'],
  ['CRON_TZ=UTC 0 0 * * *', 'use timeZone'],
  ['@often', 'must be five fields, or one of @yearly'],
  ['@every', 'must be five fields'],
  ['@every soon', 'must have a duration after @every'],
])('%s: %s', (value, problem) => {
  expect(schedule(value)).toContain(problem)
})

test.each([
  ['0', true],
  ['1h30m', true],
  ['-1.5h', true],
  ['.5s', true],
  ['10ms', true],
  ['1us', true],
  ['1', false],
  ['h', false],
  ['1d', false],
  ['', false],
  ['1h 30m', false],
])('%s is a duration: %s', (value, expected) => {
  expect(isDuration(value)).toBe(expected)
})

test.each([
  ['Europe/Berlin', undefined],
  ['Etc/UTC', undefined],
  ['UTC', undefined],
  ['Europe/berlin', ': Europe/Berlin'],
  ['Europe/Brelin', 'must be the name of a time zone'],
  ['', 'must be the name of a time zone'],
  ['Local', 'must not be Local'],
  ['../UTC', 'must be the name of a time zone'],
  ['-a/UTC', 'must be the name of a time zone'],
])('time zone %s: %s', (value, problem) => {
  for (const _ of ['first', 'asked again']) {
    if (problem === undefined) expect(timeZone(value)).toBeUndefined()
    else expect(timeZone(value)).toContain(problem)
  }
})
