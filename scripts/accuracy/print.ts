// The figures of `npm run accuracy` as a table that fits into a README.

import type { Agreement } from './apiserver.ts'

const percent = (part: number, whole: number): string =>
  whole === 0 ? '' : `${(Math.floor((part / whole) * 10_000) / 100).toFixed(2)} %`

export function printAgreement(rows: readonly Agreement[]): string {
  const lines = rows.map(
    ({ kind, cases, verdicts, alarms, withCauses, fields }) =>
      `| ${kind} | ${cases} | ${percent(verdicts, cases)} | ${alarms} | ${percent(fields, withCauses)} |`,
  )
  return [
    '| kind | objects | same verdict | false alarms | same field |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}
