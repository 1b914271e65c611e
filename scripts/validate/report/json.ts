// The public contract: the report as it is, described by report.schema.json.
import type { Format } from './report.ts'

const json: Format = report => `${JSON.stringify(report, null, 2)}\n`
export default json
