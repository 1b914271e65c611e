// What every output format is: a pure function from a report to text.
import type { Finding, Report } from '../findings/finding.ts'

export interface ReportContext {
  /** The text of a file a finding stands in, for code frames. */
  textOf(file: string): string | undefined
  /** Whether to print colours. */
  readonly colour: boolean
  /** Prefix that makes a file of the report a path as the reader knows it; empty or ending in a slash. */
  readonly prefix: string
  /** Whether everything is listed. */
  readonly verbose?: boolean
}

/** The findings that count: what somebody suppressed is in the report, and no fault of the tree. */
export const activeFindings = ({ findings }: Report): readonly Finding[] =>
  findings.filter(({ suppression }) => suppression === undefined)

export type Format = (report: Report, context: ReportContext) => string

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
