// The output formats by name.
import github from './github.ts'
import json from './json.ts'
import type { Format } from './report.ts'
import stylish from './stylish.ts'

export const FORMATS: Readonly<Record<string, Format>> = { stylish, json, github }
