// For programs: the changes, the risks and what could not be compared, as diff.schema.json describes them.
import type { Format } from './format.ts'

const json: Format = ({ changes, risks, notRendered }) =>
  `${JSON.stringify({ changes, risks, notRendered }, null, 2)}\n`
export default json
